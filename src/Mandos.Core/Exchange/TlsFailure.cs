using Mandos.Core.Keys;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>The TLS connection cannot continue. Never leaves this folder: it becomes an outcome with this message as its detail.</summary>
internal sealed class TlsFailure : Exception
{
    private TlsFailure(string message, Exception? inner = null) : base(message, inner)
    {
    }

    internal static TlsFailure PeerSentAlert(short description) => new($"the peer sent the alert {Name(description)}");

    /// <summary>We raised an alert; <paramref name="objection"/> is the reason if one of our own checks failed.</summary>
    internal static TlsFailure WeObject(TlsFatalAlert alert, string? objection) => new(objection ?? alert.AlertDescription switch
    {
        _ when alert.InnerException is KeyFormatException key => $"the peer's key: {key.Message}",
        AlertDescription.protocol_version => "the peer does not support TLS 1.3",
        AlertDescription.handshake_failure => "no common cipher suite or group",
        AlertDescription.bad_record_mac => "a record is damaged (bad_record_mac)",
        AlertDescription.decrypt_error => "the peer's signature or Finished message is wrong (decrypt_error)",
        AlertDescription.record_overflow => "a record is too long (record_overflow)",
        AlertDescription.internal_error => "the handshake cannot continue (internal_error)",
        var other => $"the peer does not follow the protocol ({Name(other)})",
    }, alert);

    /// <summary>BouncyCastle failed on data from the peer.</summary>
    internal static TlsFailure Unreadable(Exception inner) => new("the peer's data cannot be read", inner);

    /// <summary>The peer sends records without application data.</summary>
    internal static TlsFailure Idle(string excess) => new(excess);

    internal static TlsFailure NotTls() => new("the peer's data is not TLS");

    internal static TlsFailure TooMuch(int limit) => new($"the peer sent more than {limit} bytes before the handshake was complete");

    internal static TlsFailure EndInHandshake() => new("the peer closed the connection during the handshake");

    private static string Name(short description) =>
        AlertDescription.GetName(description) is var name && name != "UNKNOWN" ? name : $"{description}";
}
