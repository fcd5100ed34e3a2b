using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Mandos.Server.Store.Import;

/// <summary>
/// Recognizes files that we wrote, by the length of the content and a checksum (CRC-32C), which is cheap even for a hundred megabytes. It
/// is no protection: an attacker who can write one file of the state can write them all.
/// </summary>
internal sealed class ContentMark
{
    private const int WordLength = sizeof(ulong);

    private long _length;
    private uint _checksum = uint.MaxValue;

    /// <summary>The mark of the bytes that were added.</summary>
    internal byte[] Value
    {
        get
        {
            var value = new byte[sizeof(long) + sizeof(uint)];
            BinaryPrimitives.WriteInt64LittleEndian(value, _length);
            BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(sizeof(long)), _checksum);
            return value;
        }
    }

    /// <summary>Adds the next bytes, in pieces of any size.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        var checksum = _checksum;
        // Little-endian, like all supported machines.
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            checksum = BitOperations.Crc32C(checksum, word);
        foreach (var b in bytes[(bytes.Length & ~(WordLength - 1))..])
            checksum = BitOperations.Crc32C(checksum, b);
        _checksum = checksum;
    }
}
