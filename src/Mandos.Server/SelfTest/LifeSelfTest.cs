using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;

namespace Mandos.Server.SelfTest;

/// <summary>
/// Tests the life of a client in virtual time: one that passes its checks gets the secret, one that does not is disabled and gets none.
/// </summary>
internal static class LifeSelfTest
{
    private static readonly Moment Beginning = new(new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc), TimeSpan.Zero);

    internal static void Run()
    {
        using var secret = new ClientSecret(SecretBuffer.CopyOf("secret"u8));
        var minute = TimeSpan.FromMinutes(1);
        var settings = new ClientSettings
        {
            Checker = "true",
            Timeout = new Duration(5 * minute),
            ExtendedTimeout = new Duration(15 * minute),
            Interval = new Duration(2 * minute),
            ApprovedByDefault = true,
        };
        var definition = new ClientDefinition("web", KeyId.FromSubjectPublicKeyInfo([1]), "", settings, Enabled: true, secret);
        var client = ClientState.FirstSeen(definition, Beginning);
        client = After(client, new ClientEvent.Started(minute), TimeSpan.Zero).After!;
        client = After(client, new ClientEvent.CheckedOk(), 3 * minute).After!;
        var asked = After(client, new ClientEvent.SecretRequested(1), 7 * minute);
        SelfTestFailure.Unless(asked.Effects.OfType<ClientEffect.Release>().Any(), "a client that was checked in time gets no secret");
        client = After(asked.After!, new ClientEvent.RequestEnded(1, Delivered: false), 7 * minute).After!;
        var late = After(client, new ClientEvent.TimePassed(), 8 * minute);
        SelfTestFailure.Unless(
            late.After is { Enabled: false } && late.Effects.OfType<ClientEffect.Expired>().Any(),
            "a client that was not checked in time stays enabled");
        asked = After(late.After!, new ClientEvent.SecretRequested(2), 8 * minute);
        SelfTestFailure.Unless(
            asked.Effects.OfType<ClientEffect.Refuse>().Any(r => r.Reason == Refusal.Disabled)
                && !asked.Effects.OfType<ClientEffect.Release>().Any(),
            "a client that is disabled is not refused");
    }

    private static ClientTransition After(ClientState client, ClientEvent happening, TimeSpan time) =>
        ClientMachine.Apply(
            client, happening, Beginning + time, run: time.Ticks, static c => new ExpandedCommand(c.Settings.Checker, null));
}
