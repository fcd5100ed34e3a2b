using System.Buffers.Binary;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.ProcessBoundary;

/// <summary>
/// The format in which the password goes from one process to the other: its length in four bytes, little-endian, then its bytes. The length
/// reveals a writer that died halfway. <c>Supervision/PasswordReception</c> is the other end.
/// </summary>
internal static class PasswordPipe
{
    internal const int LengthBytes = 4;

    /// <summary>Writes a password; false if the reader has exited.</summary>
    internal static bool Write(int descriptor, SecretBuffer password)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, password.Length);
        return DescriptorIo.WriteAll(descriptor, length, out _).Ok && DescriptorIo.WriteAll(descriptor, password.Span, out _).Ok;
    }
}
