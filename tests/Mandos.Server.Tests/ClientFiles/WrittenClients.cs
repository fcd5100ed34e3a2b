using Mandos.Configuration;
using Mandos.Server.ClientFiles;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>A directory with clients.conf and the files beside it, and what a reading of them finds.</summary>
internal sealed class WrittenClients : IDisposable
{
    internal string Folder { get; } = Directory.CreateTempSubdirectory("mandos").FullName;

    /// <summary>What the last reading found.</summary>
    internal List<ConfigurationProblem> Found { get; } = [];

    /// <summary>The same as text, without the folder.</summary>
    internal string Problems => string.Join('\n', Found).Replace(Folder + "/", "", StringComparison.Ordinal);

    internal void Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    internal static string Client(string name, char key, string more = "") =>
        $"[{name}]\nkey_id = {new string(key, 64)}\nsecret = wQED0gEB\n{more}\n";

    internal ClientsReading Read(bool hadFolder = false)
    {
        Found.Clear();
        return ClientsFile.Read(Path.Combine(Folder, "clients.conf"), home: null, Found, hadFolder: hadFolder);
    }

    public void Dispose()
    {
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(Folder, recursive: true);
    }
}
