using CsCheck;
using Mandos.Core.Durations;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Clients;

/// <summary>
/// Random histories of one client: what happens, how long after the step before, and how the wall clock is set meanwhile.
/// </summary>
internal sealed record ClientHistory(ClientSettings Settings, bool Enabled, IReadOnlyList<ClientHistory.Happening> Happenings)
{
    /// <summary>For all histories: the machine neither makes nor wipes any.</summary>
    private static readonly ClientSecret[] Secrets =
        [ClientStory.Secret(""), ClientStory.Secret("one"), ClientStory.Secret("two"), ClientStory.Secret("two")];

    /// <summary>Few values, so that ends coincide often.</summary>
    private static readonly Gen<Duration> Short = Gen.Int[0, 4].Select(n => new Duration(TimeSpan.FromSeconds(n)));

    private static readonly Gen<Duration> Long = Gen.Int[0, 12].Select(n => new Duration(TimeSpan.FromSeconds(n)));

    private static readonly Gen<ClientSettings> AnySettings =
        Gen.Select(Long, Long, Short, Short, Short, Gen.Bool, Gen.Int[0, 3], (
            timeout, extended, interval, delay, duration, approved, checker) => new ClientSettings
            {
                Host = "host",
                Checker = checker == 0 ? "%(nosuch)s" : "check",
                Timeout = timeout,
                ExtendedTimeout = extended,
                Interval = interval,
                ApprovalDelay = delay,
                ApprovalDuration = duration,
                ApprovedByDefault = approved,
            });

    private static readonly Gen<Happening> AnyHappening =
        Gen.Select(Gen.Frequency((4, Gen.Const(0)), (5, Gen.Int[1, 6])), Gen.Int[-50, 50], Gen.Int[0, 29], Gen.Int[0, 9], AnySettings,
            (pause, jump, kind, which, settings) => new Happening(pause, jump, kind, which, settings));

    /// <summary>All kinds of histories.</summary>
    internal static Gen<ClientHistory> Any { get; } =
        Gen.Select(
            AnySettings, Gen.Bool, AnyHappening.Array[0, 60],
            (settings, enabled, happenings) => new ClientHistory(settings, enabled, happenings));

    /// <summary>The event that a happening is, for a client that is in this state.</summary>
    internal static ClientEvent Event(Happening happening, ClientState state, ref long request)
    {
        var one = state.Requests.IsEmpty ? happening.Which : state.Requests[happening.Which % state.Requests.Length].Id;
        return happening.Kind switch
        {
            0 => new ClientEvent.Enable(),
            1 => new ClientEvent.Disable(),
            2 => new ClientEvent.CheckedOk(),
            3 => new ClientEvent.StartChecker(),
            4 => new ClientEvent.StopChecker(),
            5 or 6 or 7 =>
                new ClientEvent.CheckerEnded(happening.Which == 0 ? -1 : state.Checker?.Id ?? -1, ChildExit.Exited(happening.Which % 2)),
            8 => new ClientEvent.CheckerEnded(state.Checker?.Id ?? -1, happening.Which % 2 == 0 ? null : ChildExit.Killed(9)),
            9 or 10 => new ClientEvent.Decide(true),
            11 => new ClientEvent.Decide(false),
            12 or 13 or 14 or 15 or 16 => new ClientEvent.SecretRequested(++request),
            17 or 18 => new ClientEvent.RequestEnded(one, Delivered: true, Rehearsal: happening.Which % 4 == 0),
            19 => new ClientEvent.RequestEnded(one, Delivered: false),
            20 => new ClientEvent.Configure(happening.Settings),
            21 => new ClientEvent.Configure(state.Settings with { Timeout = happening.Settings.Timeout }),
            22 => new ClientEvent.ReplaceSecret(Secrets[happening.Which % Secrets.Length]),
            23 when happening.Which == 0 => new ClientEvent.Remove(),
            26 or 27 or 28 => new ClientEvent.Maintain(TimeSpan.FromSeconds(happening.Which * 2)),
            // The pause before it.
            24 or 25 => new ClientEvent.StoodStill(TimeSpan.FromSeconds(happening.Pause / 2.0), TimeSpan.FromSeconds(happening.Which)),
            _ => new ClientEvent.TimePassed(),
        };
    }

    /// <param name="Pause">Before it, in half seconds.</param>
    /// <param name="Jump">To where the wall clock is set before it, in hours.</param>
    /// <param name="Kind">Which event.</param>
    /// <param name="Which">Of what there is.</param>
    /// <param name="Settings">For one that brings some.</param>
    internal sealed record Happening(int Pause, int Jump, int Kind, int Which, ClientSettings Settings);
}
