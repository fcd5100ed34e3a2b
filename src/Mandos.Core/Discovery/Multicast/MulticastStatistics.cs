namespace Mandos.Core.Discovery.Multicast;

/// <summary>What a browser or publisher received but did not use, counted in packets unless stated otherwise.</summary>
public sealed class MulticastStatistics
{
    /// <summary>All packets that arrived on links in use.</summary>
    public long Received { get; internal set; }

    /// <summary>Packets that are not well-formed messages, or longer than 9000 bytes.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Answers from a port other than 5353.</summary>
    public long WrongSourcePort { get; internal set; }

    /// <summary>Packets not proved to come from a host on the link (<see cref="ResponseOrigin"/>).</summary>
    public long OffLink { get; internal set; }

    /// <summary>Packets that arrived on an interface or family that is not in use.</summary>
    public long WrongInterface { get; internal set; }

    /// <summary>Records (not packets) that were dropped because a limit was reached.</summary>
    public long LimitReached { get; internal set; }

    /// <summary>Questions that got no unicast answer because a limit was reached.</summary>
    public long Unanswered { get; internal set; }

    /// <summary>Packets that could not be sent.</summary>
    public long SendErrors { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"received {Received}, malformed {Malformed}, wrong source port {WrongSourcePort}, off link {OffLink}, "
        + $"wrong interface {WrongInterface}, limit reached {LimitReached}, unanswered {Unanswered}, send errors {SendErrors}";
}
