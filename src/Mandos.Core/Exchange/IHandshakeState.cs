namespace Mandos.Core.Exchange;

/// <summary>What our side of a handshake found out, in addition to what BouncyCastle reports.</summary>
internal interface IHandshakeState
{
    /// <summary>Why we refused the peer, as text for people; null if the alert says it all.</summary>
    string? Objection { get; }

    /// <summary>Set when the handshake is done.</summary>
    Negotiated? Negotiated { get; }

    /// <summary>What the peer may send without content after the handshake.</summary>
    RecordBounds Bounds { get; }
}
