namespace Mandos.BusClient;

/// <summary>
/// A client with the properties that the server reports, by their names on the bus: a string, a boolean or a whole number
/// (<see cref="long"/>; durations are in milliseconds).
/// </summary>
public sealed class ClientState
{
    private readonly Dictionary<string, object> _values;

    /// <param name="path">The object path.</param>
    /// <param name="values">The properties, owned by the result.</param>
    public ClientState(string path, Dictionary<string, object> values)
    {
        Path = path;
        _values = values;
    }

    /// <summary>The object path, for example <c>/clients/web1</c>.</summary>
    public string Path { get; }

    /// <summary>The name, or the last part of the path if the server does not report one.</summary>
    public string Name => Text("Name") is { Length: > 0 } name ? name : Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>A property; null if the server does not report it.</summary>
    public object? this[string property] => _values.GetValueOrDefault(property);

    /// <summary>A property that is a string; empty if the server does not report it.</summary>
    public string Text(string property) => this[property] as string ?? "";

    /// <summary>A property that is a boolean.</summary>
    public bool Flag(string property) => this[property] is true;

    /// <summary>A property that is a number.</summary>
    public long Number(string property) => this[property] as long? ?? 0;

    /// <summary>A property that is a duration in milliseconds.</summary>
    public TimeSpan Span(string property) =>
        Number(property) is >= 0 and var milliseconds && milliseconds < TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond
            ? TimeSpan.FromMilliseconds(milliseconds)
            : TimeSpan.MaxValue;

    /// <summary>A property that is a time, UTC; null if it is empty, which means never.</summary>
    public DateTimeOffset? Time(string property) => Moments.OfBus(Text(property));

    /// <summary>Returns this client with some properties changed.</summary>
    public ClientState With(IEnumerable<KeyValuePair<string, object>> changed)
    {
        var values = new Dictionary<string, object>(_values);
        foreach (var (name, value) in changed)
            values[name] = value;
        return new(Path, values);
    }
}
