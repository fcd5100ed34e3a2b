using Mandos.Core.Linux;

namespace Mandos.Configuration;

/// <summary>Why a file could not be read, as the system reports it, without the name of the file.</summary>
internal static class FileFailure
{
    /// <summary>Returns the reason in plain words.</summary>
    internal static string Reason(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "permission denied, or not a file",
        PathTooLongException => "the name is too long",
        // .NET stores the system's error number here; its own numbers are negative.
        IOException { HResult: > 0 and var code } => LowerFirst(new Errno(code).ToString()),
        _ => "input/output error",
    };

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
