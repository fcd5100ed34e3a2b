using System.Collections.Immutable;
using Mandos.Core.Keys;
using Mandos.Server.Clients;

namespace Mandos.Server.Statistics;

/// <summary>Counts checks, and how long they take. A check that is stopped does not count.</summary>
/// <param name="statistics">Takes the results.</param>
/// <param name="time">The clock.</param>
internal sealed class CheckStatistics(ServerStatistics statistics, TimeProvider time) : IClientObserver
{
    private readonly Dictionary<long, long> _starts = [];

    /// <inheritdoc />
    public void Observe(ClientTransition transition)
    {
        foreach (var effect in transition.Effects)
        {
            switch (effect)
            {
                case ClientEffect.StartChecker(var run):
                    _starts[run.Id] = time.GetTimestamp();
                    break;
                case ClientEffect.StopChecker(var run):
                    _starts.Remove(run.Id);
                    break;
                case ClientEffect.CheckerCompleted(var run, var exit):
                    statistics.Count(exit is { Success: true } ? ServerCounter.ChecksSucceeded : ServerCounter.ChecksFailed);
                    if (_starts.Remove(run.Id, out var start))
                        statistics.Add(ServerCounter.CheckMicroseconds, time.GetElapsedTime(start));
                    break;
            }
        }
    }

    /// <inheritdoc />
    public void ObserveAll(ImmutableArray<ClientState> clients)
    {
        // No check runs yet.
    }

    /// <inheritdoc />
    public void ObserveUnknown(KeyId key, string address)
    {
        // The code that serves the connection counts this.
    }
}
