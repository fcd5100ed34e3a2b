using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp;

/// <summary>How much a message may ask of the reader, since any host on the network can send one.</summary>
public sealed record MessageLimits
{
    /// <summary>Limits for a password or a key file.</summary>
    public static MessageLimits Default { get; } = new();

    /// <summary>Most bytes of plaintext.</summary>
    public int MaxPlaintext { get; init; } = PasswordLimits.Largest;

    /// <summary>How deep compressed packets may lie in each other; every known writer makes one.</summary>
    public int MaxCompressionDepth { get; init; } = 3;

    /// <summary>
    /// Most private operations for one message; they take most of the time, and one is enough unless recipients are hidden.
    /// </summary>
    public int MaxPrivateOperations { get; init; } = 2;

    /// <summary>Most packets in all layers together. A message for one machine has about seven.</summary>
    public int MaxPackets { get; init; } = 256;

    /// <summary>Most blocks of compressed data in all layers together. A block holds some ten thousand bytes, but may be empty.</summary>
    public int MaxBlocks { get; init; } = 4096;

    /// <summary>Longest time for everything; hundred times what the slowest machine needs for an honest message.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most signatures on one message.</summary>
    public int MaxSignatures { get; init; } = 8;

    /// <summary>Most bytes of a message as it comes in: base64 and packet headers are allowed for.</summary>
    internal int MaxMessage => (MaxPlaintext * 2) + Overhead;

    /// <summary>Most bytes of a packet sequence after decompression.</summary>
    internal int MaxContent => MaxPlaintext + Overhead;

    /// <summary>Most bytes that decompression may give in all layers together.</summary>
    internal int MaxInflated => 2 * MaxContent;

    private const int Overhead = 64 << 10;
}
