using CsCheck;
using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Store;

/// <summary>Any state that a client can be in.</summary>
internal static class StateGen
{
    internal static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char[' ', '~'], 0, 20], Gen.String[Gen.Char['\u0000', '\u2fff'], 0, 20], Gen.Const("%(host)s 'x' \"$y\" 😀"));

    internal static readonly Gen<KeyId> Key = Gen.Byte.Array[4].Select(bytes => KeyId.FromSubjectPublicKeyInfo(bytes));

    private static readonly Gen<Duration> Length = Gen.Long[0, long.MaxValue].Select(ticks => new Duration(TimeSpan.FromTicks(ticks)));

    private static readonly Gen<DateTime> Instant = Gen.Long[0, DateTime.MaxValue.Ticks].Select(
        ticks => new DateTime(ticks, DateTimeKind.Utc));

    private static readonly Gen<DateTime?> OptionalInstant = Gen.Bool.SelectMany(
        there => there ? Instant.Select(i => (DateTime?)i) : Gen.Const((DateTime?)null));

    internal static readonly Gen<ClientSettings> Settings =
        Gen.Select(Text, Text, Length.Array[5], Gen.Bool, (host, checker, lengths, byDefault) => new ClientSettings
        {
            Host = host,
            Checker = checker,
            Timeout = lengths[0],
            ExtendedTimeout = lengths[1],
            Interval = lengths[2],
            ApprovalDelay = lengths[3],
            ApprovalDuration = lengths[4],
            ApprovedByDefault = byDefault,
        });

    internal static readonly Gen<byte[]> Secret = Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Byte.Array[4000, 5000]);

    /// <summary>The remaining time is made relative to <paramref name="now"/>.</summary>
    internal static Gen<ClientState> State(string name, Moment now) =>
        Gen.Select(
            Key.Select(k => (KeyId?)k), Text, Settings, Secret, Gen.Bool, OptionalInstant.Array[4],
            Gen.Select(Gen.Int, Gen.Long[0, long.MaxValue], Instant, Gen.Long[-10_000_000_000, long.MaxValue / 2]))
            .Select((key, fingerprint, settings, secret, enabled, instants, rest) => new ClientState
            {
                Name = name,
                KeyId = secret.Length == 0 ? null : key,
                Fingerprint = fingerprint,
                Created = rest.Item3,
                Settings = settings,
                Secret = new ClientSecret(SecretBuffer.CopyOf(secret)),
                Enabled = enabled,
                LastEnabled = instants[0],
                LastCheckedOk = instants[1],
                LastApprovalRequest = instants[2],
                LastDisabled = instants[3],
                LastCheckerStatus = rest.Item1,
                SecretsGiven = rest.Item2,
                Maintenance = enabled && instants[3] is { } until
                    ? new Moment(until, now.Monotonic + TimeSpan.FromTicks(rest.Item2 / 4))
                    : null,
                IsExpiryHeld = enabled && rest.Item1 % 2 == 0,
                Expires = enabled ? new Moment(rest.Item3, now.Monotonic + TimeSpan.FromTicks(rest.Item4)) : null,
            });

    internal static Gen<ClientState[]> States(Moment now) =>
        Text.Where(t => t.Length > 0).Array[0, 6].SelectMany(names => States([.. names.Distinct()], now));

    internal static readonly Gen<ConfiguredClient> Section =
        Gen.Select(
            Text, Key, Text, Settings, Gen.Bool, Text,
            (name, key, fingerprint, settings, enabled, digest) => new ConfiguredClient(name, key, fingerprint, settings, enabled, digest));

    private static Gen<ClientState[]> States(string[] names, Moment now)
    {
        var states = Gen.Const(Array.Empty<ClientState>());
        foreach (var name in names)
            states = Gen.Select(states, State(name, now), (before, one) => (ClientState[])[.. before, one]);
        return states;
    }
}
