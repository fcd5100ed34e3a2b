using System.Collections.Immutable;
using Mandos.Core.Durations;

namespace Mandos.Server.Clients;

/// <summary>One row of the table of client settings. Parsing, reconciliation, storage, changes and the bus all use this table.</summary>
internal abstract class ClientSetting(ClientProperty property, string name, string busName)
{
    private const int LongestHost = 1024, LongestCommand = 64 * 1024;

    /// <summary>All settings, in the order of the database columns. The seal of a row depends on this order.</summary>
    internal static ImmutableArray<ClientSetting> All { get; } =
    [
        new TextSetting(
            ClientProperty.Host, "host", "Host", s => s.Host, (s, v) => s with { Host = v }) { BuiltIn = "", Longest = LongestHost },
        new TextSetting(ClientProperty.Checker, "checker", "Checker", s => s.Checker, (s, v) => s with { Checker = v })
        {
            BuiltIn = "fping -q -- %%(host)s", Longest = LongestCommand, SavedName = "checker_command",
        },
        new DurationSetting(
            ClientProperty.Timeout, "timeout", "Timeout", s => s.Timeout,
            (s, v) => s with { Timeout = v }) { BuiltIn = "PT5M", Takes = (value, old) => value <= old },
        new DurationSetting(
            ClientProperty.ExtendedTimeout, "extended_timeout", "ExtendedTimeout", s => s.ExtendedTimeout,
            (s, v) => s with { ExtendedTimeout = v })
        {
            BuiltIn = "PT15M", Takes = (value, old) => value <= old,
        },
        new DurationSetting(
            ClientProperty.Interval, "interval", "Interval", s => s.Interval,
            (s, v) => s with { Interval = v }) { BuiltIn = "PT2M", IsNeverZero = true },
        new DurationSetting(
            ClientProperty.ApprovalDelay, "approval_delay", "ApprovalDelay", s => s.ApprovalDelay, (s, v) => s with { ApprovalDelay = v })
        {
            BuiltIn = "PT0S", Takes = (value, old) => value >= old,
        },
        new DurationSetting(
            ClientProperty.ApprovalDuration, "approval_duration", "ApprovalDuration", s => s.ApprovalDuration,
            (s, v) => s with { ApprovalDuration = v })
        {
            BuiltIn = "PT1S", Takes = (value, old) => value <= old,
        },
        new FlagSetting(
            ClientProperty.ApprovedByDefault, "approved_by_default", "ApprovedByDefault", s => s.ApprovedByDefault,
            (s, v) => s with { ApprovedByDefault = v })
        {
            BuiltIn = "True", Takes = (value, old) => old || !value,
        },
    ];

    /// <summary>The settings of a client whose section sets none.</summary>
    internal static ClientSettings AllBuiltIn { get; } = ReadAll(new BuiltInSource(), new());

    /// <summary>The property in the state machine.</summary>
    internal ClientProperty Property => property;

    /// <summary>The name in clients.conf and in the database.</summary>
    internal string Name => name;

    /// <summary>The name on the bus.</summary>
    internal string BusName => busName;

    /// <summary>The name in upstream's saved state.</summary>
    internal string SavedName { get => field ?? Name; init; }

    /// <summary>The default value, as it is written in clients.conf.</summary>
    internal required string BuiltIn { get; init; }

    /// <summary>The setting with this name on the bus; null if there is none.</summary>
    internal static ClientSetting? OnBus(string busName) => All.FirstOrDefault(s => s.BusName == busName);

    /// <summary>Reads all settings from a source, and takes those that it lacks from <paramref name="otherwise"/>.</summary>
    internal static ClientSettings ReadAll(ISettingSource source, ClientSettings otherwise) =>
        All.Aggregate(otherwise, (settings, setting) => setting.Read(source, settings));

    /// <summary>The value as a user or a database reads it: a string, a <see cref="Duration"/> or a bool.</summary>
    internal abstract object ValueOf(ClientSettings settings);

    /// <summary>Whether the value is the same in both.</summary>
    internal bool IsSame(ClientSettings one, ClientSettings other) => ValueOf(one).Equals(ValueOf(other));

    /// <summary>Returns <paramref name="target"/> with this setting copied from <paramref name="source"/>.</summary>
    internal abstract ClientSettings Copy(ClientSettings source, ClientSettings target);

    /// <summary>Returns <paramref name="target"/> with this setting read from a source.</summary>
    internal abstract ClientSettings Read(ISettingSource source, ClientSettings target);

    /// <summary>Whether the change from the older value only makes the secret harder to get, or is no change.</summary>
    internal abstract bool OnlyTakesFrom(ClientSettings settings, ClientSettings old);

    private sealed class BuiltInSource : ISettingSource
    {
        public string? Text(TextSetting setting) => setting.BuiltIn.Replace("%%", "%", StringComparison.Ordinal);

        public Duration? Duration(DurationSetting setting) =>
            Core.Durations.Duration.TryParse(setting.BuiltIn, out var duration, out var error)
                ? duration
                : throw new InvalidOperationException(error);

        public bool? Flag(FlagSetting setting) => bool.Parse(setting.BuiltIn);
    }
}

/// <summary>A setting of one type.</summary>
internal abstract class ClientSetting<T>(
    ClientProperty property, string name, string busName, Func<ClientSettings, T> get, Func<ClientSettings, T, ClientSettings> with)
    : ClientSetting(property, name, busName)
    where T : notnull
{
    /// <summary>
    /// Whether a value, compared with an older one, only makes the secret harder to get; null if only an equal value does.
    /// </summary>
    internal Func<T, T, bool>? Takes { private get; init; }

    /// <summary>The value.</summary>
    internal T Get(ClientSettings settings) => get(settings);

    /// <inheritdoc />
    internal override object ValueOf(ClientSettings settings) => get(settings);

    /// <inheritdoc />
    internal override ClientSettings Copy(ClientSettings source, ClientSettings target) => with(target, get(source));

    /// <inheritdoc />
    internal override bool OnlyTakesFrom(ClientSettings settings, ClientSettings old) =>
        Takes is { } takes ? takes(get(settings), get(old)) : get(settings).Equals(get(old));

    /// <summary>Returns the settings with another value.</summary>
    internal ClientSettings With(ClientSettings settings, T value) => with(settings, value);
}

/// <summary>A text setting.</summary>
internal sealed class TextSetting(
    ClientProperty property, string name, string busName, Func<ClientSettings, string> get,
    Func<ClientSettings, string, ClientSettings> with)
    : ClientSetting<string>(property, name, busName, get, with)
{
    /// <summary>The maximum number of characters that a caller on the bus may set.</summary>
    internal required int Longest { get; init; }

    /// <inheritdoc />
    internal override ClientSettings Read(ISettingSource source, ClientSettings target) =>
        source.Text(this) is { } value ? With(target, value) : target;
}

/// <summary>A setting that is a duration.</summary>
internal sealed class DurationSetting(
    ClientProperty property, string name, string busName, Func<ClientSettings, Duration> get,
    Func<ClientSettings, Duration, ClientSettings> with)
    : ClientSetting<Duration>(property, name, busName, get, with)
{
    /// <summary>Whether zero is refused.</summary>
    internal bool IsNeverZero { get; init; }

    /// <inheritdoc />
    internal override ClientSettings Read(ISettingSource source, ClientSettings target) =>
        source.Duration(this) is { } value ? With(target, value) : target;
}

/// <summary>A boolean setting.</summary>
internal sealed class FlagSetting(
    ClientProperty property, string name, string busName, Func<ClientSettings, bool> get, Func<ClientSettings, bool, ClientSettings> with)
    : ClientSetting<bool>(property, name, busName, get, with)
{
    /// <inheritdoc />
    internal override ClientSettings Read(ISettingSource source, ClientSettings target) =>
        source.Flag(this) is { } value ? With(target, value) : target;
}

/// <summary>A source of settings: a section of clients.conf, or a row of the database.</summary>
internal interface ISettingSource
{
    /// <summary>The value; null if the source has none, or has reported it as invalid.</summary>
    string? Text(TextSetting setting);

    /// <inheritdoc cref="Text" />
    Duration? Duration(DurationSetting setting);

    /// <inheritdoc cref="Text" />
    bool? Flag(FlagSetting setting);
}
