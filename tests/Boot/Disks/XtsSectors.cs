using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Mandos.Boot.Disks;

/// <summary>
/// AES-256-XTS as the kernel's dm-crypt does it for `aes-xts-plain64` (IEEE 1619): the number of a 512-byte sector,
/// counted from the start of the encrypted area, is the tweak.
/// </summary>
internal sealed class XtsSectors : IDisposable
{
    public const int SectorSize = 512;
    private const int BlockSize = 16;
    private readonly Aes _data = Aes.Create();
    private readonly Aes _tweak = Aes.Create();

    /// <param name="volumeKey">64 bytes: the key of the data, then the key of the tweaks.</param>
    public XtsSectors(ReadOnlySpan<byte> volumeKey)
    {
        _data.Key = volumeKey[..32].ToArray();
        _tweak.Key = volumeKey[32..64].ToArray();
    }

    /// <summary>Encrypts whole sectors in place; <paramref name="first"/> is the number of the first of them.</summary>
    public void Encrypt(Span<byte> sectors, ulong first)
    {
        var tweaks = new byte[sectors.Length];
        Span<byte> number = stackalloc byte[BlockSize];
        for (var offset = 0; offset < sectors.Length; offset += SectorSize)
        {
            number.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(number, first + (ulong)(offset / SectorSize));
            _tweak.EncryptEcb(number, tweaks.AsSpan(offset, BlockSize), PaddingMode.None);
            for (var block = offset + BlockSize; block < offset + SectorSize; block += BlockSize)
                Double(tweaks.AsSpan(block - BlockSize, BlockSize), tweaks.AsSpan(block, BlockSize));
        }

        Add(sectors, tweaks);
        var encrypted = _data.EncryptEcb(sectors, PaddingMode.None);
        Add(encrypted, tweaks);
        encrypted.CopyTo(sectors);
    }

    public void Dispose()
    {
        _data.Dispose();
        _tweak.Dispose();
    }

    /// <summary>Multiplies by x in GF(2^128), least significant byte first.</summary>
    private static void Double(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var value = BinaryPrimitives.ReadUInt128LittleEndian(from);
        var doubled = (value << 1) ^ (value >> 127 == 0 ? UInt128.Zero : 0x87);
        BinaryPrimitives.WriteUInt128LittleEndian(to, doubled);
    }

    private static void Add(Span<byte> to, ReadOnlySpan<byte> other)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] ^= other[i];
    }
}
