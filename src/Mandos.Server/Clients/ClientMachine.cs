using System.Collections.Immutable;

namespace Mandos.Server.Clients;

/// <summary>
/// The whole life of a client as a function of its state, an event and the time. It reads no clock, file or socket, and uses no random
/// numbers. The monotonic clock alone decides what is due; the wall clock's time is only recorded.
/// </summary>
internal static partial class ClientMachine
{
    /// <summary>The shortest interval between checks, whatever an imported state says: an interval of zero would loop forever.</summary>
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Applies one event. What was due before the event happens first.</summary>
    /// <param name="state">The client's state.</param>
    /// <param name="happening">The event.</param>
    /// <param name="now">The time of the event.</param>
    /// <param name="run">The number of the check that may start in this step.</param>
    /// <param name="expand">Expands the command of that check.</param>
    /// <param name="massFailure">If it is configured, and most clients fail their checks now; otherwise null.</param>
    internal static ClientTransition Apply(
        ClientState state, ClientEvent happening, Moment now, long run, CommandExpansion expand, MassFailure? massFailure = null)
    {
        var step = new ClientStep(state, now, run, expand) { MassFailure = massFailure };
        if (happening is ClientEvent.StoodStill stood)
            StandStill(step, stood.Span, stood.CheckDelay);
        // ClientEvent.Started itself handles what was due while no server ran.
        if (happening is not ClientEvent.Started)
            PassTime(step);
        switch (happening)
        {
            case ClientEvent.Started started:
                Start(step, started.FirstCheckDelay);
                break;
            case ClientEvent.TimePassed or ClientEvent.StoodStill:
                break;
            case ClientEvent.Enable:
                Enable(step);
                break;
            case ClientEvent.Disable:
                Disable(step);
                break;
            case ClientEvent.CheckedOk:
                MarkAlive(step);
                break;
            case ClientEvent.Maintain(var span):
                Maintain(step, span);
                break;
            case ClientEvent.StartChecker:
                step.StartChecker();
                break;
            case ClientEvent.StopChecker:
                step.StopChecker();
                break;
            case ClientEvent.CheckerEnded(var ended, var exit):
                EndChecker(step, ended, exit);
                break;
            case ClientEvent.Decide(var approved):
                Decide(step, approved);
                break;
            case ClientEvent.SecretRequested(var request):
                Ask(step, request);
                break;
            case ClientEvent.RequestEnded ended:
                EndRequest(step, ended);
                break;
            case ClientEvent.Configure(var settings):
                Configure(step, settings);
                break;
            case ClientEvent.ReplaceSecret(var secret):
                var replaced = step.State with { Secret = secret };
                if (secret.Memory.Span.SequenceEqual(step.State.Secret.Memory.Span))
                    step.Become(replaced);
                else
                    step.Change(ClientProperty.Secret, replaced);
                break;
            case ClientEvent.Remove:
                step.StopChecker();
                RefuseWaiting(step, Refusal.Removed);
                return step.End(isGone: true);
            default:
                throw new ArgumentOutOfRangeException(nameof(happening));
        }

        return step.End();
    }

    /// <summary>
    /// Processes what is due. Expiry comes first, so that nothing overdue happens after it; only the end of maintenance, which is earlier,
    /// precedes it.
    /// </summary>
    private static void PassTime(ClientStep step)
    {
        EndMaintenance(step);
        if (step.State.Expires is { } end && end.HasCome(step.Now))
            ExpireOrHold(step, end);
        if (step.State.Decision is { } decision && decision.Until.HasCome(step.Now))
            step.Become(step.State with { Decision = null });
        DecideByDefault(step);
        if (step.State.NextCheck is { } check && check.HasCome(step.Now))
            BeginRound(step);
    }
}

/// <summary>One step of a client.</summary>
/// <param name="Before">The state before; null if the client is new.</param>
/// <param name="After">The state after; null if the client was removed.</param>
/// <param name="Effects">The effects, in order.</param>
internal sealed record ClientTransition(ClientState? Before, ClientState? After, ImmutableArray<ClientEffect> Effects);

/// <summary>Expands a client's checker command from this state. Depends on nothing else, and never throws.</summary>
internal delegate ExpandedCommand CommandExpansion(ClientState client);

/// <summary>A checker command, or the reason why there is none; one of the two is null.</summary>
/// <param name="Command">The complete command for the shell.</param>
/// <param name="Problem">Why the template could not be expanded.</param>
internal readonly record struct ExpandedCommand(string? Command, string? Problem);
