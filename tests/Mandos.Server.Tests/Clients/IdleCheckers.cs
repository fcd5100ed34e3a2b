using System.Collections.Concurrent;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Clients;

/// <summary>Checks that end when the test says so, or at once.</summary>
internal sealed class IdleCheckers : ICheckers
{
    private readonly ConcurrentDictionary<long, (string Client, Action<ChildExit?> Ended)> _running = [];

    /// <summary>How each check ends as soon as it is started; null: it goes on.</summary>
    internal Func<string, ChildExit>? AtOnce { get; set; }

    internal int Started { get; private set; }

    internal IReadOnlyCollection<string> Running => [.. _running.Values.Select(r => r.Client)];

    public void Start(string client, CheckerRun run, Action<ChildExit?> ended)
    {
        Started++;
        if (AtOnce is { } exit)
            ended(exit(client));
        else
            Assert.True(_running.TryAdd(run.Id, (client, ended)));
    }

    public void Stop(CheckerRun run) => _running.TryRemove(run.Id, out _);

    /// <summary>The only check of a client ends.</summary>
    internal void End(string client, ChildExit? exit)
    {
        var (id, run) = Assert.Single(_running, r => r.Value.Client == client);
        if (_running.TryRemove(id, out _))
            run.Ended(exit);
    }
}
