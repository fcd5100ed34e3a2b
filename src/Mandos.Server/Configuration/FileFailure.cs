using Mandos.Core.Linux;

namespace Mandos.Server.Configuration;

/// <summary>Why a file could not be read, in the words of the system and without the name of the file.</summary>
internal static class FileFailure
{
    /// <summary>A few plain words.</summary>
    internal static string Reason(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "permission denied, or not a file",
        PathTooLongException => "the name is too long",
        // .NET has the number of the system's error there, and below zero what is its own.
        IOException { HResult: > 0 and var code } => LowerFirst(new Errno(code).ToString()),
        _ => "input/output error",
    };

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
