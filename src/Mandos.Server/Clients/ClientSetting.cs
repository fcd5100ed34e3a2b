using System.Collections.Immutable;
using Mandos.Core.Durations;

namespace Mandos.Server.Clients;

/// <summary>
/// One row of the table of a client's settings. Reading, reconciling, storing, configuring and showing them on the bus go through
/// this table.
/// </summary>
internal abstract class ClientSetting(ClientProperty property, string name, string busName)
{
    private const int LongestHost = 1024, LongestCommand = 64 * 1024;

    /// <summary>All of them, in the order of the columns of the database, which its rows are sealed in.</summary>
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

    /// <summary>The settings of a client of which clients.conf says nothing.</summary>
    internal static ClientSettings AllBuiltIn { get; } = ReadAll(new BuiltInSource(), new());

    /// <summary>What the state machine calls it.</summary>
    internal ClientProperty Property => property;

    /// <summary>Its name in clients.conf and in the database.</summary>
    internal string Name => name;

    /// <summary>Its name on the bus.</summary>
    internal string BusName => busName;

    /// <summary>Its name in the saved state of upstream Mandos.</summary>
    internal string SavedName { get => field ?? Name; init; }

    /// <summary>Its value where clients.conf says nothing, as it is written there.</summary>
    internal required string BuiltIn { get; init; }

    /// <summary>The row of a name on the bus; null if there is none.</summary>
    internal static ClientSetting? OnBus(string busName) => All.FirstOrDefault(s => s.BusName == busName);

    /// <summary>The settings that a source has. Where it has none, those of <paramref name="otherwise"/>.</summary>
    internal static ClientSettings ReadAll(ISettingSource source, ClientSettings otherwise) =>
        All.Aggregate(otherwise, (settings, setting) => setting.Read(source, settings));

    /// <summary>The value, for a human or a database: a string, a <see cref="Duration"/> or a bool.</summary>
    internal abstract object ValueOf(ClientSettings settings);

    /// <summary>The value is the same in both.</summary>
    internal bool IsSame(ClientSettings one, ClientSettings other) => ValueOf(one).Equals(ValueOf(other));

    /// <summary>The value of <paramref name="source"/>, in settings that are otherwise those of <paramref name="target"/>.</summary>
    internal abstract ClientSettings Copy(ClientSettings source, ClientSettings target);

    /// <summary>The value that a source has, in settings that are otherwise those of <paramref name="target"/>.</summary>
    internal abstract ClientSettings Read(ISettingSource source, ClientSettings target);

    /// <summary>The value differs from an older one only in that it is harder to get the secret, or is the same.</summary>
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
    /// <summary>Whether a value, beside an older one, only makes it harder to get the secret; null: only the same value does.</summary>
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

    /// <summary>The same settings with another value.</summary>
    internal ClientSettings With(ClientSettings settings, T value) => with(settings, value);
}

/// <summary>Text.</summary>
internal sealed class TextSetting(
    ClientProperty property, string name, string busName, Func<ClientSettings, string> get,
    Func<ClientSettings, string, ClientSettings> with)
    : ClientSetting<string>(property, name, busName, get, with)
{
    /// <summary>Most characters that a caller on the bus may set.</summary>
    internal required int Longest { get; init; }

    /// <inheritdoc />
    internal override ClientSettings Read(ISettingSource source, ClientSettings target) =>
        source.Text(this) is { } value ? With(target, value) : target;
}

/// <summary>A length of time.</summary>
internal sealed class DurationSetting(
    ClientProperty property, string name, string busName, Func<ClientSettings, Duration> get,
    Func<ClientSettings, Duration, ClientSettings> with)
    : ClientSetting<Duration>(property, name, busName, get, with)
{
    /// <summary>Zero is refused.</summary>
    internal bool IsNeverZero { get; init; }

    /// <inheritdoc />
    internal override ClientSettings Read(ISettingSource source, ClientSettings target) =>
        source.Duration(this) is { } value ? With(target, value) : target;
}

/// <summary>Yes or no.</summary>
internal sealed class FlagSetting(
    ClientProperty property, string name, string busName, Func<ClientSettings, bool> get, Func<ClientSettings, bool, ClientSettings> with)
    : ClientSetting<bool>(property, name, busName, get, with)
{
    /// <inheritdoc />
    internal override ClientSettings Read(ISettingSource source, ClientSettings target) =>
        source.Flag(this) is { } value ? With(target, value) : target;
}

/// <summary>Where all settings are read from: a section of clients.conf, a row of the database.</summary>
internal interface ISettingSource
{
    /// <summary>The value; null if the source has none, or reports that it is wrong.</summary>
    string? Text(TextSetting setting);

    /// <inheritdoc cref="Text" />
    Duration? Duration(DurationSetting setting);

    /// <inheritdoc cref="Text" />
    bool? Flag(FlagSetting setting);
}
