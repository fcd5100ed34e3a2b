using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Mandos.Core.Keys;
using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Logging;

namespace Mandos.Server.Tests.Clients;

/// <summary>A registry with virtual time, a store in memory and checks that do nothing.</summary>
internal sealed class RegistryRig : IAsyncDisposable
{
    private readonly StringWriter _log = new();
    private readonly LogChannel _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    internal RegistryRig(params ClientDefinition[] clients)
        : this(new TwoClocks(), new MemoryStore(), clients, null)
    {
    }

    internal RegistryRig(
        TwoClocks time, MemoryStore store, IReadOnlyList<ClientDefinition> clients, IReadOnlyList<ClientState>? restored,
        IdleCheckers? checkers = null, IClientObserver? observer = null, TimeSpan? heartbeat = null,
        int? massFailure = null)
    {
        Time = time;
        Store = store;
        Checkers = checkers ?? new IdleCheckers();
        _channel = new LogChannel("/nonexistent/log", TextWriter.Synchronized(_log), journal: null);
        var loggers = LogChannelProvider.CreateFactory(_channel, Microsoft.Extensions.Logging.LogLevel.Information);
        var states = restored ?? [.. clients.Select(c => ClientState.FirstSeen(c, Moment.Now(time)))];
        Registry = new ClientRegistry(
            states, store, Checkers, ClientStory.Expand, time, new Random(1),
            loggers.CreateLogger(LogCategory.Life))
        { Heartbeat = heartbeat, MassFailure = massFailure };
        Registry.Subscribe(new Witness(this));
        Registry.Subscribe(new ClientJournal(loggers.CreateLogger(LogCategory.Decisions), loggers.CreateLogger(LogCategory.Checks)));
        if (observer is not null)
            Registry.Subscribe(observer);
        _running = Registry.RunAsync(_stop.Token);
    }

    internal TwoClocks Time { get; }

    internal MemoryStore Store { get; }

    internal IdleCheckers Checkers { get; }

    internal ClientRegistry Registry { get; }

    /// <summary>All that observers were told: the client, and what followed.</summary>
    internal ConcurrentQueue<string> Seen { get; } = [];

    internal string Log
    {
        get
        {
            _channel.Flush();
            return _log.ToString();
        }
    }

    internal ClientState this[string name] => Registry.Find(name) ?? throw new ArgumentException("no such client", nameof(name));

    internal static KeyId Key(string name) => KeyId.FromSubjectPublicKeyInfo(Encoding.UTF8.GetBytes(name));

    internal static string Text(ClientSecret? secret) => secret is null ? "nothing" : Encoding.ASCII.GetString(secret.Memory.Span);

    /// <summary>A rig whose clients are saved and have begun their lives.</summary>
    internal static async Task<RegistryRig> StartAsync(params ClientDefinition[] clients)
    {
        var rig = new RegistryRig(clients);
        await rig.SettleAsync();
        rig.Seen.Clear();
        return rig;
    }

    /// <summary>Until everything that was told before is done, and what followed from it.</summary>
    internal async Task SettleAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            await Registry.ApplyAsync("missing", new ClientEvent.TimePassed());
            await Registry.SettleAsync();
        }
    }

    internal async Task AdvanceAsync(TimeSpan span)
    {
        Time.Advance(span);
        await SettleAsync();
    }

    internal Task<SecretAnswer> AskAsync(string client, CancellationToken? withdrawn = null) =>
        Registry.RequestAsync(Key(client), "::1", withdrawn ?? CancellationToken.None);

    /// <summary>Asks, and ends the connection.</summary>
    internal async Task<string> FetchAsync(string client, bool delivered = true)
    {
        await using var answer = await AskAsync(client);
        answer.Delivered = delivered && answer.Secret is not null;
        return answer.Secret is null ? answer.Refusal?.ToString() ?? "unknown" : Text(answer.Secret);
    }

    /// <summary>The loop stands still in its next save, until it is let go on.</summary>
    internal Barrier HoldNextSave()
    {
        var barrier = new Barrier(Store);
        Store.Saving = _ => barrier.Wait();
        return barrier;
    }

    /// <summary>Ends with the loop, however it ends.</summary>
    internal Task Running => _running;

    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>The process is gone; the result is what was effective last.</summary>
    internal async Task<ImmutableArray<ClientState>> KillAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        var clients = Registry.Clients;
        Registry.Dispose();
        _channel.Dispose();
        _stop.Dispose();
        return clients;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Registry.Dispose();
        _channel.Dispose();
        _stop.Dispose();
    }

    /// <summary>Holds one save.</summary>
    internal sealed class Barrier(MemoryStore store)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _gate = new();

        internal Task Reached => _reached.Task;

        internal void Release() => _gate.Set();

        internal void Wait()
        {
            store.Saving = null;
            _reached.SetResult();
            _gate.Wait(TimeSpan.FromMinutes(1));
        }
    }

    private sealed class Witness(RegistryRig rig) : IClientObserver
    {
        public void Observe(ClientTransition transition) => rig.Seen.Enqueue((transition.Before, transition.After) switch
        {
            (null, { } after) => $"{after.Name}: new",
            ({ } before, null) => $"{before.Name}: gone: {ClientStory.Tell(transition.Effects)}",
            var (_, after) => $"{after!.Name}: {ClientStory.Tell(transition.Effects)}",
        });

        public void ObserveUnknown(KeyId key, string address) => rig.Seen.Enqueue($"unknown {key} at {address}");
    }
}
