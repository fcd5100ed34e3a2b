using System.Collections.Immutable;

namespace Mandos.Server.Clients;

/// <summary>
/// What happens to a client: the whole of its life as one function of its state, an event and the time. It reads no clock,
/// no file and no socket, and nothing in it is random. What is due is due by the monotonic clock alone; the wall clock's
/// time is only noted beside it.
/// </summary>
internal static partial class ClientMachine
{
    /// <summary>
    /// Rounds of checks are never closer than this, whatever an imported state says: an interval of nothing would be a loop
    /// without end.
    /// </summary>
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>One step. What was due before the event happens before it.</summary>
    /// <param name="state">Of the client.</param>
    /// <param name="happening">What happens to it.</param>
    /// <param name="now">When.</param>
    /// <param name="run">The number of the check that may start in this step.</param>
    /// <param name="expand">Makes the command of that check.</param>
    internal static ClientTransition Apply(ClientState state, ClientEvent happening, Moment now, long run, CommandExpansion expand)
    {
        var step = new ClientStep(state, now, run, expand);
        if (happening is ClientEvent.StoodStill stood)
            StandStill(step, stood.Span, stood.CheckDelay);
        // What was due while no server ran is the start's affair.
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
            case ClientEvent.RequestEnded(var request, var delivered):
                EndRequest(step, request, delivered);
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

    /// <summary>Has happen what is due. The end of a client's life comes first: nothing that is late is done after it.</summary>
    private static void PassTime(ClientStep step)
    {
        if (step.State.Expires is { } end && end.HasCome(step.Now))
            Expire(step);
        if (step.State.Decision is { } decision && decision.Until.HasCome(step.Now))
            step.Become(step.State with { Decision = null });
        DecideByDefault(step);
        if (step.State.NextCheck is { } check && check.HasCome(step.Now))
            BeginRound(step);
    }
}

/// <summary>One step of a client.</summary>
/// <param name="Before">Null: the client is new.</param>
/// <param name="After">Null: the client is gone.</param>
/// <param name="Effects">In their order.</param>
internal sealed record ClientTransition(ClientState? Before, ClientState? After, ImmutableArray<ClientEffect> Effects);

/// <summary>Fills in a client's checker command as of this state. Depends on nothing else, and never throws.</summary>
internal delegate ExpandedCommand CommandExpansion(ClientState client);

/// <summary>What became of a checker command; one of both is null.</summary>
/// <param name="Command">For the shell, all filled in.</param>
/// <param name="Problem">Why it could not be.</param>
internal readonly record struct ExpandedCommand(string? Command, string? Problem);
