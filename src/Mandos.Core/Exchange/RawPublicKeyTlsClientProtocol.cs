using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>BouncyCastle's TLS client, extended to send close_notify and still wait for the peer's (its own Close stops reading).</summary>
internal sealed class RawPublicKeyTlsClientProtocol(RecordBounds bounds) : TlsClientProtocol
{
    private bool _saidCloseNotify;

    internal void SayCloseNotify() => RaiseAlertWarning(AlertDescription.close_notify, "end of data");

    protected override ServerHello ReceiveServerHelloMessage(MemoryStream buf)
    {
        var hello = base.ReceiveServerHelloMessage(buf);
        HybridShares.CheckAnswered(hello);
        return hello;
    }

    protected override void Receive13KeyUpdate(MemoryStream buf)
    {
        bounds.CountKeyUpdate();
        base.Receive13KeyUpdate(buf);
    }

    protected override void HandleAlertWarningMessage(short alertDescription)
    {
        bounds.CountWarning(alertDescription);
        base.HandleAlertWarningMessage(alertDescription);
    }

    /// <summary>The base class answers the peer's close_notify, but nothing may follow our own (RFC 8446, 6.1).</summary>
    protected override void RaiseAlertWarning(short alertDescription, string message)
    {
        if (alertDescription == AlertDescription.close_notify)
        {
            if (_saidCloseNotify)
                return;
            _saidCloseNotify = true;
        }
        base.RaiseAlertWarning(alertDescription, message);
    }
}
