using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>BouncyCastle's TLS server, which first shows the ClientHello to <see cref="RawPublicKeyTlsServer"/>.</summary>
internal sealed class RawPublicKeyTlsServerProtocol(RawPublicKeyTlsServer server) : TlsServerProtocol
{
    protected override ClientHello ReceiveClientHelloMessage(MemoryStream buf)
    {
        var hello = base.ReceiveClientHelloMessage(buf);
        HybridShares.CheckOffered(hello);
        server.NoteClientHello(hello);
        return hello;
    }

    protected override void Receive13KeyUpdate(MemoryStream buf)
    {
        server.Bounds.CountKeyUpdate();
        base.Receive13KeyUpdate(buf);
    }

    protected override void HandleAlertWarningMessage(short alertDescription)
    {
        server.Bounds.CountWarning(alertDescription);
        base.HandleAlertWarningMessage(alertDescription);
    }
}
