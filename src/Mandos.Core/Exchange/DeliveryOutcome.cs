namespace Mandos.Core.Exchange;

/// <summary>How the delivery of a secret ended.</summary>
public enum DeliveryOutcome
{
    /// <summary>All of it was sent, and the peer's close_notify says that it was read to its end.</summary>
    Confirmed,

    /// <summary>All of it was handed to the network, but no close_notify came back in time. The original calls this a success.</summary>
    Unconfirmed,

    /// <summary>The connection broke, or the peer stopped reading, before all was sent.</summary>
    Interrupted,
}
