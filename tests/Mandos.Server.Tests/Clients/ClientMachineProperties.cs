using CsCheck;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Clients;

/// <summary>Laws that hold in every history of a client.</summary>
public class ClientMachineProperties
{
    private const int Histories = 4_000;

    private static readonly ClientDefinition Machine = ClientStory.Definition("machine", ClientStory.Settings);

    [Fact]
    public void A_secret_is_released_only_to_an_enabled_approved_client_before_its_expiry_and_every_effect_happens_once() =>
        ClientHistory.Any.Sample(history => Play(history, jumps: true), iter: Histories);

    [Fact]
    public void Setting_the_wall_clock_does_not_change_what_happens() =>
        ClientHistory.Any.Sample(history => Assert.Equal(Play(history, jumps: false), Play(history, jumps: true)), iter: Histories);

    [Fact]
    public void The_same_step_has_the_same_result_and_does_not_change_the_previous_state() =>
        ClientHistory.Any.Sample(history =>
        {
            var (state, moment) = (First(history), Moment.Now(new TwoClocks()));
            long request = 0;
            foreach (var happening in history.Happenings)
            {
                moment += TimeSpan.FromSeconds(happening.Pause / 2.0);
                var happens = ClientHistory.Event(happening, state, ref request);
                var copy = state with { };
                var once = ClientMachine.Apply(state, happens, moment, 1, ClientStory.Expand);
                Assert.Equal(copy, state);
                var again = ClientMachine.Apply(state, happens, moment, 1, ClientStory.Expand);
                Assert.Equal(once.Effects, again.Effects);
                Assert.Equal(once.After?.NextDue, again.After?.NextDue);
                Assert.True(once.After is null ? again.After is null : once.After.SavesAs(again.After!));
                if (once.After is null)
                    return;
                state = once.After;
            }
        }, iter: Histories / 10);

    [Fact]
    public void Due_timers_take_effect_before_the_next_event() =>
        ClientHistory.Any.Sample(history =>
        {
            var (state, moment) = (First(history), Moment.Now(new TwoClocks()));
            long request = 0;
            foreach (var happening in history.Happenings)
            {
                moment += TimeSpan.FromSeconds(happening.Pause / 2.0);
                var happens = ClientHistory.Event(happening, state, ref request);
                // It is about what was due, and comes before it.
                if (happens is ClientEvent.StoodStill)
                    continue;
                var together = ClientMachine.Apply(state, happens, moment, 1, ClientStory.Expand);
                var first = ClientMachine.Apply(state, new ClientEvent.TimePassed(), moment, 1, ClientStory.Expand);
                var second = ClientMachine.Apply(first.After!, happens, moment, 1, ClientStory.Expand);
                Assert.Equal(WithoutChanges([.. first.Effects, .. second.Effects]), WithoutChanges(together.Effects));
                Assert.Equal(second.After?.NextDue, together.After?.NextDue);
                Assert.True(second.After is null ? together.After is null : second.After.SavesAs(together.After!));
                if (together.After is null)
                    return;
                state = together.After;
            }
        }, iter: Histories / 10);

    private static IEnumerable<ClientEffect> WithoutChanges(IEnumerable<ClientEffect> effects) =>
        effects.Where(e => e is not ClientEffect.Changed);

    private static ClientState First(ClientHistory history) =>
        ClientState.FirstSeen(Machine with { Settings = history.Settings, Enabled = history.Enabled }, Moment.Now(new TwoClocks()));

    /// <summary>What happened, without the times that are only shown.</summary>
    private static List<string> Play(ClientHistory history, bool jumps)
    {
        var time = new TwoClocks();
        var state = First(history);
        var oracle = new ClientOracle(state);
        var log = new List<string>();
        var run = 0L;
        var request = 100L;
        Step(new ClientEvent.Started(TimeSpan.FromSeconds(1)));
        foreach (var happening in history.Happenings)
        {
            time.Advance(TimeSpan.FromSeconds(happening.Pause / 2.0));
            if (jumps)
                time.Jump = TimeSpan.FromHours(happening.Jump);
            var happens = ClientHistory.Event(happening, state, ref request);
            // As the registry does it: what is due is its own step.
            if (happens is not ClientEvent.StoodStill && state.NextDue <= Moment.Now(time).Monotonic)
                Step(new ClientEvent.TimePassed());
            if (!Step(happens))
                break;
        }

        return log;

        bool Step(ClientEvent happens)
        {
            var now = Moment.Now(time);
            var transition = ClientMachine.Apply(state, happens, now, ++run, ClientStory.Expand);
            oracle.Follow(happens, now, transition);
            log.Add(ClientStory.Tell(transition.Effects.Where(e => e is not ClientEffect.Changed
            {
                Property: ClientProperty.Expires
                or ClientProperty.LastCheckedOK or ClientProperty.LastApprovalRequest or ClientProperty.LastEnabled
                or ClientProperty.LastDisabled or ClientProperty.Maintenance
            })));
            state = transition.After ?? state;
            return transition.After is not null;
        }
    }
}
