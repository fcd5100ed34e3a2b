using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Server.Clients;

namespace Mandos.Server.Store.Import;

/// <summary>
/// What upstream saved about a client, or about a section of its configuration: attributes by name. Older versions lack some of them.
/// </summary>
internal sealed class OriginalRecord(string client, Dictionary<string, object?> attributes) : ISettingSource
{
    /// <summary>
    /// Returns the settings; for those that are missing or would be invalid today, the values of <paramref name="otherwise"/>.
    /// </summary>
    internal ClientSettings Settings(ClientSettings otherwise) => ClientSetting.ReadAll(this, otherwise);

    internal KeyId? Key() => KeyId.TryParse(Text("key_id"), out var key) ? key : null;

    internal string? Fingerprint() => Text("fingerprint")?.ToUpperInvariant();

    internal bool? Enabled() => Flag("enabled");

    internal string? Text(string name) => Value<string>(name, "string");

    internal byte[]? Bytes(string name) => Value<byte[]>(name, "byte string");

    internal int? Number(string name) => Value<object>(name, "number") switch
    {
        null => null,
        long number and >= int.MinValue and <= int.MaxValue => (int)number,
        _ => throw Wrong(name, "number"),
    };

    internal DateTime? Instant(string name) => Value<object>(name, "time") switch
    {
        null => null,
        DateTime time => time,
        _ => throw Wrong(name, "time"),
    };

    string? ISettingSource.Text(TextSetting setting) => Text(setting.SavedName);

    Duration? ISettingSource.Duration(DurationSetting setting) =>
        Length(setting.SavedName) is { } length && !(length == Duration.Zero && setting.IsNeverZero) ? length : null;

    bool? ISettingSource.Flag(FlagSetting setting) => Flag(setting.SavedName);

    private bool? Flag(string name) => Value<object>(name, "boolean") switch
    {
        null => null,
        bool flag => flag,
        _ => throw Wrong(name, "boolean"),
    };

    /// <summary>Returns a duration; null also for a negative one, which upstream accepts.</summary>
    private Duration? Length(string name) => Value<object>(name, "duration") switch
    {
        null => null,
        TimeSpan span => span >= TimeSpan.Zero ? new Duration(span) : null,
        _ => throw Wrong(name, "duration"),
    };

    private T? Value<T>(string name, string kind)
        where T : class =>
        attributes.GetValueOrDefault(name) switch
        {
            null => null,
            T value => value,
            _ => throw Wrong(name, kind),
        };

    private PickleException Wrong(string name, string kind) => new($"client [{client}]: its {name} is not a {kind}");
}
