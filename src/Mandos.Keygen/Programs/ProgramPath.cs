namespace Mandos.Keygen.Programs;

/// <summary>
/// Where a program is. <see cref="System.Diagnostics.Process"/> also looks into the current directory, and before PATH, which lets the
/// users who may write there run programs as root: it only gets paths from here.
/// </summary>
internal static class ProgramPath
{
    /// <summary>The path of a program in PATH or the directories for administration; null if it is not installed.</summary>
    internal static string? Find(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return File.Exists(program) ? program : null;
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return directories.Concat(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"])
            .Where(directory => directory[0] == '/')
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
    }
}
