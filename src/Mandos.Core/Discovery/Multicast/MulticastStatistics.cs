namespace Mandos.Core.Discovery.Multicast;

/// <summary>What a browser or publisher received and did not use, in packets if not said otherwise.</summary>
public sealed class MulticastStatistics
{
    /// <summary>All that arrived on links in use.</summary>
    public long Received { get; internal set; }

    /// <summary>Not a well-formed message, or longer than 9000 bytes.</summary>
    public long Malformed { get; internal set; }

    /// <summary>An answer from another port than 5353.</summary>
    public long WrongSourcePort { get; internal set; }

    /// <summary>Nothing proves that it came from a host on the link (<see cref="ResponseOrigin"/>).</summary>
    public long OffLink { get; internal set; }

    /// <summary>Arrived on an interface or family not in use.</summary>
    public long WrongInterface { get; internal set; }

    /// <summary>Records (not packets) that were forgotten or not taken because a limit was reached.</summary>
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
