using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>BouncyCastle's TLS client, which can say close_notify and still listen for the peer's (its own Close goes deaf).</summary>
internal sealed class KeyAskingProtocol : TlsClientProtocol
{
    internal void SayCloseNotify() => RaiseAlertWarning(AlertDescription.close_notify, "end of data");
}
