using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp;

/// <summary>Limits on the resources that a message may use, because any host on the network can send one.</summary>
public sealed record MessageLimits
{
    /// <summary>Limits for a password or a key file.</summary>
    public static MessageLimits Default { get; } = new();

    /// <summary>The maximum number of bytes of plaintext.</summary>
    public int MaxPlaintext { get; init; } = PasswordLimits.Largest;

    /// <summary>The maximum depth of nested compressed packets; all known programs write one at most.</summary>
    public int MaxCompressionDepth { get; init; } = 3;

    /// <summary>
    /// The maximum number of private operations, which take most of the time; one is enough unless recipients are hidden.
    /// </summary>
    public int MaxPrivateOperations { get; init; } = 2;

    /// <summary>The maximum number of packets in all layers together. A message for one machine has about seven.</summary>
    public int MaxPackets { get; init; } = 256;

    /// <summary>
    /// The maximum number of blocks of compressed data in all layers together. A block holds some ten thousand bytes, but may be empty.
    /// </summary>
    public int MaxBlocks { get; init; } = 4096;

    /// <summary>The time limit for everything; a hundred times what the slowest machine needs for a normal message.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The maximum number of signatures on one message.</summary>
    public int MaxSignatures { get; init; } = 8;

    /// <summary>The maximum size of a message in bytes as received, which allows for base64 and packet headers.</summary>
    internal int MaxMessage => (MaxPlaintext * 2) + Overhead;

    /// <summary>The maximum number of bytes of a packet sequence after decompression.</summary>
    internal int MaxContent => MaxPlaintext + Overhead;

    /// <summary>The maximum number of bytes that decompression may produce in all layers together.</summary>
    internal int MaxInflated => 2 * MaxContent;

    private const int Overhead = 64 << 10;
}
