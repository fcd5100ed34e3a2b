using CsCheck;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>A server that dies between any two steps, and what its successor knows.</summary>
public class ClientRegistryCrashProperties
{
    private const string Name = "a";

    private static readonly Gen<(ClientHistory History, int Death)> Any = Gen.Select(ClientHistory.Any, Gen.Int[0, 80]);

    [Fact]
    public Task A_crash_loses_no_change_that_took_effect_and_releases_no_further_secret() =>
        Any.SampleAsync(sample => PlayAsync(sample.History, sample.Death), iter: 500, threads: 2);

    private static async Task PlayAsync(ClientHistory history, int death)
    {
        var time = new TwoClocks();
        var store = new MemoryStore();
        var crash = new Crash(death);
        var first = ClientState.FirstSeen(Definition(Name, history.Settings, history.Enabled), Moment.Now(time));
        store.Replace([first], [], Moment.Now(time));
        var watch = new Watch(time, store, crash);
        store.Saving = _ => crash.Step();
        store.Saved = _ =>
        {
            watch.IsInFlight = true;
            crash.Step();
            watch.IsInFlight = false;
        };
        var checkers = new IdleCheckers { AtOnce = _ => crash.Exit() };
        var rig = new RegistryRig(time, store, [], [first], checkers, watch);
        long request = 0;
        foreach (var happening in history.Happenings)
        {
            if (happening.Pause > 0)
            {
                if (await Task.WhenAny(rig.SettleAsync(), rig.Running) == rig.Running)
                    break;
                time.Advance(TimeSpan.FromSeconds(happening.Pause / 2.0));
                time.Jump = TimeSpan.FromHours(happening.Jump);
            }

            if (rig.Registry.Find(Name) is not { } state)
                break;
            _ = ClientHistory.Event(happening, state, ref request) switch
            {
                ClientEvent.SecretRequested => rig.FetchAsync(Name, happening.Which % 2 == 0),
                ClientEvent.CheckerEnded or ClientEvent.RequestEnded => Task.CompletedTask,
                ClientEvent.ReplaceSecret =>
                    rig.Registry.ApplyAsync(Name, new ClientEvent.ReplaceSecret(Secret($"secret {happening.Which}"))),
                var wanted => rig.Registry.ApplyAsync(Name, wanted),
            };
        }

        _ = await Task.WhenAny(rig.SettleAsync(), rig.Running);
        crash.Now();
        // What the dead still try is tried in vain.
        var effective = (await rig.KillAsync()).SingleOrDefault();
        if (rig.Running.Exception?.GetBaseException() is { } end and not Crash.Death)
            throw new InvalidOperationException("the registry died of a defect", end);
        // What was kept and not told is what was asked for last; all else must be there.
        if (!watch.IsInFlight && !rig.Registry.IsSaving)
            Assert.True(
                store[Name] is { } kept
                    ? effective is not null && (kept.SavesAs(effective) || effective.LivesOnFrom(kept))
                    : effective is null,
                "what was effective was not durable");
        time.Advance(Seconds(death % 4 * 2));
        await RestartAsync(time, store);
    }

    private static async Task RestartAsync(TwoClocks time, MemoryStore store)
    {
        store.Saving = null;
        store.Saved = null;
        var saved = store[Name];
        if (saved is null)
            return;
        var secret = store.SecretOf(Name);
        var now = Moment.Now(time);
        await using var rig = new RegistryRig(time, store, [], store.Restore());
        await rig.SettleAsync();
        using var patience = new CancellationTokenSource();
        var answer = rig.AskAsync(Name, patience.Token);
        await rig.SettleAsync();
        // The registry knows who waits; the task of one that was answered may complete a moment later.
        if (rig.Registry.Find(Name)?.Requests.Any(r => r.Phase == SecretRequestPhase.Waiting) == true)
        {
            Assert.True(saved.Settings.ApprovalDelay.Value > TimeSpan.Zero, "waits for a decision that is not needed");
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
            return;
        }

        await using var outcome = await answer;
        if (outcome.Secret is null)
            return;
        Assert.Equal(secret, RegistryRig.Text(outcome.Secret));
        Assert.Equal(TimeSpan.Zero, saved.Settings.ApprovalDelay.Value);
        Assert.True(saved.Enabled, "released to a client that was disabled");
        Assert.True(
            saved.Expires?.HasCome(now) != true || saved is { LastCheckedOk: not null, LastCheckerStatus: 0 },
            "released to a client whose time was over");
    }

    /// <summary>Comes when its time has come, and then again whatever is tried.</summary>
    private sealed class Crash(int after)
    {
        private int _left = after;

        internal void Step()
        {
            if (Interlocked.Decrement(ref _left) < 0)
                throw new Death();
        }

        internal ChildExit Exit()
        {
            Step();
            return ChildExit.Exited(_left % 3 == 0 ? 0 : 1);
        }

        internal void Now() => Interlocked.Exchange(ref _left, 0);

        internal sealed class Death : Exception;
    }

    /// <summary>Whether what is released may be, by what is durable then.</summary>
    private sealed class Watch(TwoClocks time, MemoryStore store, Crash crash) : IClientObserver
    {
        /// <summary>Saved, and not yet told.</summary>
        internal bool IsInFlight { get; set; }

        public void Observe(ClientTransition transition)
        {
            foreach (var release in transition.Effects.OfType<ClientEffect.Release>())
            {
                var saved = store[Name];
                Assert.True(saved is { Enabled: true, Expires: not null }, "released to a client that does not live in the store");
                // A check that succeeded, and nothing else, may have moved the end since; that is saved later.
                var end = transition.After!.LivesOnFrom(saved) ? transition.After.Expires!.Value : saved.Expires.Value;
                Assert.False(end.HasCome(Moment.Now(time)), "released after the end in the store");
                Assert.False(release.Secret.Length == 0);
            }

            crash.Step();
        }

        public void ObserveUnknown(Mandos.Core.Keys.KeyId key, string address)
        {
        }
    }
}
