using Mandos.Core.Keys;

namespace Mandos.Server.Listening;

/// <summary>
/// The connections of known clients that wait for a decision. Their number is limited per key, because an attacker with a client's key
/// could otherwise open any number. At the limit the one that has waited longest is evicted, but not a new one: even a decision without an
/// operator takes a moment.
/// </summary>
/// <param name="mostOfOne">The limit per key.</param>
/// <param name="time">The clock for waiting times.</param>
internal sealed class WaitingRequests(int mostOfOne, TimeProvider time)
{
    /// <summary>The longest time that a decision without an operator takes.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    /// <summary>Above this multiple of the limit even new connections are evicted.</summary>
    private const int Slack = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<KeyId, LinkedList<WaitingRequest>> _byKey = [];

    /// <summary>Adds a request; may evict others of the same key.</summary>
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

    /// <summary>Removes a request that has been decided or no longer waits.</summary>
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
