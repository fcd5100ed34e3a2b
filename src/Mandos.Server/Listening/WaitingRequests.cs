using Mandos.Core.Keys;

namespace Mandos.Server.Listening;

/// <summary>
/// The connections of known clients that wait for a decision. Each key has its own limit, because an attacker with a client's
/// key could else open any number; the one that waits longest makes room, but none that has just come: a decision takes a
/// moment even where no operator is asked.
/// </summary>
/// <param name="mostOfOne">Room for each key.</param>
/// <param name="time">To see what has just come.</param>
internal sealed class WaitingRequests(int mostOfOne, TimeProvider time)
{
    /// <summary>No decision takes longer, unless it is a person's.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    /// <summary>Beyond so many times the limit no connection is spared.</summary>
    private const int Slack = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<KeyId, LinkedList<WaitingRequest>> _byKey = [];

    /// <summary>Takes one in; others of the key may have to make room.</summary>
    internal WaitingRequest Add(KeyId key, CancellationToken cancellationToken)
    {
        var added = new WaitingRequest(time.GetElapsedTime(0), cancellationToken);
        List<WaitingRequest>? crowded = null;
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var own))
                _byKey.Add(key, own = []);
            while (own.Count >= mostOfOne && own.First is { } oldest
                && (added.Since - oldest.Value.Since >= Moment || own.Count >= (long)mostOfOne * Slack))
            {
                own.RemoveFirst();
                (crowded ??= []).Add(oldest.Value);
            }

            own.AddLast(added);
        }

        crowded?.ForEach(request => request.CrowdOut());
        return added;
    }

    /// <summary>It has its decision, or waits no longer.</summary>
    internal void Remove(KeyId key, WaitingRequest request)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var own))
                return;
            own.Remove(request);
            if (own.Count == 0)
                _byKey.Remove(key);
        }
    }
}
