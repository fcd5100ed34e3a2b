namespace Mandos.Interop;

/// <summary>Passwords of the tests.</summary>
internal static class Password
{
    /// <summary>As mandos-keygen --passfile takes it from a file that an editor wrote.</summary>
    public static byte[] Plain { get; } = "correct horse\n"u8.ToArray();

    /// <summary>By name, what a password file may hold besides plain text.</summary>
    public static IReadOnlyDictionary<string, byte[]> Odd { get; } = new Dictionary<string, byte[]>
    {
        ["a NUL in the middle"] = "before\0after"u8.ToArray(),
        ["newlines around"] = "\n\r\npassword\n\n"u8.ToArray(),
        ["not UTF-8"] = [0xff, 0xfe, 0x80, 0xc3, 0x28],
        ["one NUL"] = [0],
        ["every byte"] = [.. Enumerable.Range(0, 256).Select(i => (byte)i)],
        ["64 KiB"] = [.. Enumerable.Range(0, 65536).Select(i => (byte)(i * 7 >> 3))],
    };
}
