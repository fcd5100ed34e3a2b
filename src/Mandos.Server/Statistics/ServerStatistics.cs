using Mandos.Server.Clients;

namespace Mandos.Server.Statistics;

/// <summary>What the server has done since its start, in numbers. Every thread may count; a counter never decreases.</summary>
internal sealed class ServerStatistics
{
    private static readonly ServerCounter[] Counters = Enum.GetValues<ServerCounter>();

    private readonly long[] _values = new long[Counters.Length];

    /// <summary>The values by the names of the counters, in their order.</summary>
    internal IReadOnlyList<(string Name, ulong Value)> Values => [.. Counters.Select(counter => (NameOf(counter), (ulong)this[counter]))];

    /// <summary>The value of a counter.</summary>
    internal long this[ServerCounter counter] => Interlocked.Read(ref _values[(int)counter]);

    /// <summary>Counts one.</summary>
    internal void Count(ServerCounter counter) => Interlocked.Increment(ref _values[(int)counter]);

    /// <summary>Counts a refusal of a known client.</summary>
    internal void Count(Refusal refusal) => Count(refusal switch
    {
        Refusal.Disabled => ServerCounter.RefusedDisabled,
        Refusal.Denied => ServerCounter.RefusedDenied,
        Refusal.ApprovalTimedOut => ServerCounter.RefusedNotApproved,
        Refusal.EmptySecret => ServerCounter.RefusedEmptySecret,
        _ => ServerCounter.RefusedRemoved,
    });

    /// <summary>Adds a time to a counter of microseconds.</summary>
    internal void Add(ServerCounter counter, TimeSpan took) =>
        Interlocked.Add(ref _values[(int)counter], took.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>The name on the bus: the words of the counter in lower case, joined by dots.</summary>
    internal static string NameOf(ServerCounter counter) => counter switch
    {
        ServerCounter.Handshakes => "handshakes.done",
        ServerCounter.HandshakesFailed => "handshakes.failed",
        ServerCounter.Delivered => "delivered.confirmed",
        ServerCounter.Rehearsed => "delivered.rehearsal",
        ServerCounter.DeliveredUnconfirmed => "delivered.unconfirmed",
        ServerCounter.Interrupted => "delivered.interrupted",
        ServerCounter.RefusedDisabled => "refused.disabled",
        ServerCounter.RefusedDenied => "refused.denied",
        ServerCounter.RefusedNotApproved => "refused.not_approved",
        ServerCounter.RefusedEmptySecret => "refused.empty_secret",
        ServerCounter.RefusedRemoved => "refused.removed",
        ServerCounter.RefusedUnknownKey => "refused.unknown_key",
        ServerCounter.RefusedCrowdedOut => "refused.crowded_out",
        ServerCounter.LeftWhileWaiting => "refused.left",
        ServerCounter.ChecksSucceeded => "checks.succeeded",
        ServerCounter.ChecksFailed => "checks.failed",
        ServerCounter.CheckMicroseconds => "checks.microseconds",
        ServerCounter.Saves => "saves.done",
        ServerCounter.SavesFailed => "saves.failed",
        ServerCounter.SaveMicroseconds => "saves.microseconds",
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };
}
