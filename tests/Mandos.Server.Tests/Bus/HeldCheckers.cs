using System.Collections.Concurrent;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Bus;

/// <summary>Not the checkers, a fake: a check ends when a test says so.</summary>
internal sealed class HeldCheckers : ICheckers
{
    private readonly ConcurrentDictionary<long, Action<ChildExit?>> _running = [];

    public void Start(string client, CheckerRun run, Action<ChildExit?> ended) => _running[run.Id] = ended;

    public void Stop(CheckerRun run) => _running.TryRemove(run.Id, out _);

    /// <summary>Ends all that run.</summary>
    internal void End(ChildExit? exit)
    {
        foreach (var run in _running.Keys)
        {
            if (_running.TryRemove(run, out var ended))
                ended(exit);
        }
    }
}
