using System.Buffers.Binary;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>
/// How the password goes from one process to the other: its length in four bytes, little-endian, then its bytes. The
/// length tells an end from a writer that died half-way.
/// </summary>
internal static class PasswordPipe
{
    private const int LengthBytes = 4;

    /// <summary>More than any message may hold.</summary>
    private const int Largest = 16 << 20;

    /// <summary>Writes a password; false if the reader is gone.</summary>
    internal static bool Write(int descriptor, SecretBuffer password)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, password.Length);
        return DescriptorIo.WriteAll(descriptor, length, out _).Ok && DescriptorIo.WriteAll(descriptor, password.Span, out _).Ok;
    }

    /// <summary>Waits for a password; null if the writer ended without a whole one. The caller owns it.</summary>
    internal static SecretBuffer? Read(int descriptor)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        if (!Fill(descriptor, length))
            return null;
        var count = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (count is < 0 or > Largest)
            return null;
        var password = new SecretBuffer(count);
        password.SetLength(count);
        if (Fill(descriptor, password.Span))
            return password;
        password.Dispose();
        return null;
    }

    private static bool Fill(int descriptor, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (!DescriptorIo.Read(descriptor, bytes, out var count).Ok || count == 0)
                return false;
            bytes = bytes[count..];
        }

        return true;
    }
}
