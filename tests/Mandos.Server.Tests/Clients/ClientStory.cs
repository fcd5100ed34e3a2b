using System.Text;
using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Clients;

/// <summary>One client, its machine, and virtual time; what follows from an event is told in a few words.</summary>
internal sealed class ClientStory
{
    internal const string Template = "check %(host)s";

    private long _run;

    internal ClientStory(ClientSettings? settings = null, bool enabled = true, bool isStarted = true)
    {
        State = ClientState.FirstSeen(Definition("machine", settings ?? Settings, enabled), Now);
        if (isStarted)
            Do(new ClientEvent.Started(Seconds(30)));
    }

    /// <summary>The defaults of clients.conf.</summary>
    internal static ClientSettings Settings { get; } = new()
    {
        Host = "host.example",
        Checker = Template,
        Timeout = Minutes(5),
        ExtendedTimeout = Minutes(15),
        Interval = Minutes(2),
        ApprovalDelay = Duration.Zero,
        ApprovalDuration = new(Seconds(1)),
        ApprovedByDefault = true,
    };

    /// <summary>Each request waits ten seconds for a decision, and gets nothing if there is none.</summary>
    internal static ClientSettings Guarded { get; } = Settings with { ApprovalDelay = new(Seconds(10)), ApprovedByDefault = false };

    /// <summary>Sees every step.</summary>
    internal IClientObserver? Observer { get; init; }

    internal TwoClocks Time { get; } = new();

    internal ClientState State { get; private set; }

    internal bool IsGone { get; private set; }

    internal Moment Now => Moment.Now(Time);

    /// <summary>Until the client is disabled; null if it is.</summary>
    internal TimeSpan? Left => State.Expires is { } end ? end.Monotonic - Now.Monotonic : null;

    internal ClientTransition Last { get; private set; } = null!;

    internal static Duration Minutes(int count) => new(TimeSpan.FromMinutes(count));

    internal static TimeSpan Seconds(double count) => TimeSpan.FromSeconds(count);

    internal static ClientSecret Secret(string text) => new(SecretBuffer.CopyOf(Encoding.ASCII.GetBytes(text)));

    internal static ClientDefinition Definition(string name, ClientSettings settings, bool enabled = true, string secret = "secret") =>
        new(name, KeyId.FromSubjectPublicKeyInfo(Encoding.UTF8.GetBytes(name)), "", settings, enabled, Secret(secret));

    internal static ExpandedCommand Expand(ClientState client) =>
        client.Settings.Checker.Contains("%(nosuch)s", StringComparison.Ordinal)
            ? new(null, "there is no 'nosuch'")
            : new(client.Settings.Checker.Replace("%(host)s", client.Settings.Host, StringComparison.Ordinal), null);

    /// <summary>What follows, in order.</summary>
    internal string Do(ClientEvent happening, MassFailure? massFailure = null)
    {
        Last = ClientMachine.Apply(State, happening, Now, ++_run, Expand, massFailure);
        Observer?.Observe(Last);
        IsGone = Last.After is null;
        State = Last.After ?? State;
        return Tell(Last.Effects);
    }

    /// <summary>What a start of the server finds.</summary>
    internal void Become(ClientState state) => State = state;

    /// <summary>Lets time pass, and the machine know at the end.</summary>
    internal string After(TimeSpan span)
    {
        Time.Advance(span);
        return Do(new ClientEvent.TimePassed());
    }

    internal string EndCheck(int code) => Do(new ClientEvent.CheckerEnded(State.Checker!.Id, ChildExit.Exited(code)));

    internal string Configure(Func<ClientSettings, ClientSettings> change) => Do(new ClientEvent.Configure(change(State.Settings)));

    internal static string Tell(IEnumerable<ClientEffect> effects) => string.Join("; ", effects.Select(Tell));

    private static string Tell(ClientEffect effect) => effect switch
    {
        ClientEffect.Changed(var property) => property.ToString(),
        ClientEffect.StartChecker(var run) => $"start '{run.Command}'",
        ClientEffect.StopChecker => "stop",
        ClientEffect.CheckerCompleted { Problem: { } problem } => $"completed: {problem}",
        ClientEffect.CheckerCompleted(_, var exit) => $"completed: {exit?.ToString() ?? "not started"}",
        ClientEffect.Release(var request, _) => $"release {request}",
        ClientEffect.Refuse(var request, var reason) => $"refuse {request}: {reason}",
        ClientEffect.ApprovalNeeded(var request, var delay, var approved) =>
            $"ask {request}: {delay.TotalSeconds} s, then {(approved ? "yes" : "no")}",
        ClientEffect.SecretGiven(var request) => $"given {request}",
        ClientEffect.Expired => "expired",
        ClientEffect.ExpiryHeld(var cause) => $"held: {cause.Failing} of {cause.Checked} fail",
        _ => throw new ArgumentOutOfRangeException(nameof(effect)),
    };
}
