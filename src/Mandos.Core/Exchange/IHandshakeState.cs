namespace Mandos.Core.Exchange;

/// <summary>What the side of a handshake that we play found, besides what BouncyCastle reports.</summary>
internal interface IHandshakeState
{
    /// <summary>Why we refused the peer, in words for people; null if the alert says it all.</summary>
    string? Objection { get; }

    /// <summary>Set when the handshake is done.</summary>
    Negotiated? Negotiated { get; }

    /// <summary>What the peer may send without content once it is.</summary>
    RecordBounds Bounds { get; }
}
