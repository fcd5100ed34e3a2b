using System.Buffers;

namespace Mandos.Server.Checkers;

/// <summary>Any text as one word of a POSIX shell, written as Python's <c>shlex.quote</c> does.</summary>
internal static class ShellWord
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-");

    /// <summary>True if the text means itself to every shell.</summary>
    internal static bool IsPlain(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Plain);

    /// <summary>The text as it is if it is plain; else in single quotes, with each single quote in it as <c>'"'"'</c>.</summary>
    internal static string Quote(string text) =>
        IsPlain(text) ? text : $"'{text.Replace("'", "'\"'\"'", StringComparison.Ordinal)}'";
}
