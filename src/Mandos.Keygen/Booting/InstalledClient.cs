namespace Mandos.Keygen.Booting;

/// <summary>The client that is installed on the machine, where the image builders look for it.</summary>
internal static class InstalledClient
{
    private const string Name = "mandos-client";

    private static readonly string[] LinkDirectories = ["/usr/local/sbin", "/usr/sbin"];

    /// <summary>The path of mandos-client; null if it is not installed.</summary>
    internal static string? Find(Machine machine) =>
        machine.In("/usr/lib")
            .Where(path => Path.GetFileName(path).Contains("-linux-", StringComparison.Ordinal))
            .Prepend("/usr/lib")
            .Concat(["/usr/lib64", "/usr/libexec", "/usr/local/lib"])
            .Select(directory => $"{directory}/mandos/plugins.d/{Name}")
            .FirstOrDefault(machine.IsFile);

    /// <summary>What a person types to run it: its name if that is enough, otherwise its path.</summary>
    internal static string Command(Machine machine, string path) =>
        LinkDirectories.Any(directory => machine.Follow(directory, Name) == path) ? Name : path;
}
