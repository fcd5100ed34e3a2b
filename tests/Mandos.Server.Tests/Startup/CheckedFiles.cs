using Mandos.Server.Startup;
using Mandos.Server.Tests.ClientFiles;

namespace Mandos.Server.Tests.Startup;

/// <summary>A directory with configuration files and a saved state, and <c>mandos --check-config</c> for it.</summary>
internal sealed class CheckedFiles : IDisposable
{
    internal string Folder { get; } = Directory.CreateTempSubdirectory("mandos").FullName;

    internal PrivilegedThread Privileged { get; } = PrivilegedThread.Start();

    internal void Write(string name, string text) =>
        File.WriteAllText(Path.Combine(Folder, name), text.Replace("KEY", ClientFile.Key, StringComparison.Ordinal));

    /// <summary>Checks the files, but runs no checker.</summary>
    internal Task<(int Code, string Output, string Error)> CheckAsync(params string[] more) => TryAsync(["--no-try", .. more]);

    internal async Task<(int Code, string Output, string Error)> TryAsync(params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await ServerProgram.RunAsync(
            ["--check-config", "--configdir", Folder, "--statedir", Folder, .. more], output, error, Privileged);
        return (code, Short(output), Short(error));
    }

    public void Dispose()
    {
        Privileged.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private string Short(StringWriter text) => text.ToString().Replace(Folder + "/", "", StringComparison.Ordinal);
}
