using System.Runtime.CompilerServices;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Wipes the buffer in which BouncyCastle keeps decrypted application data until it is fetched; it would stay in the
/// managed heap otherwise. The field names are those of the version that the project pins, and tests check them.
/// </summary>
internal static class PlaintextQueue
{
    internal static void Wipe(TlsProtocol protocol) => SecretBuffer.Wipe(Buffer(Queue(protocol)));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_applicationDataQueue")]
    private static extern ref ByteQueue Queue(TlsProtocol protocol);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_databuf")]
    private static extern ref byte[] Buffer(ByteQueue queue);
}
