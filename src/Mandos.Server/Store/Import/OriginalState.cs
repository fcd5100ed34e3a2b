namespace Mandos.Server.Store.Import;

/// <summary>The complete state that upstream saved: its clients, and the configuration they were built from.</summary>
internal sealed record OriginalState(
    IReadOnlyDictionary<string, OriginalRecord> Clients, IReadOnlyDictionary<string, OriginalRecord> Configured)
{
    /// <summary>Parses the bytes of a <c>clients.pickle</c>.</summary>
    /// <exception cref="PickleException">The bytes are something else.</exception>
    internal static OriginalState Parse(byte[] pickle) =>
        PickleReader.Read(pickle) is object?[] and [Dictionary<string, object?> clients, Dictionary<string, object?> configured]
            ? new(Records(clients), Records(configured))
            : throw new PickleException("it is not a pair of clients and configuration");

    private static Dictionary<string, OriginalRecord> Records(Dictionary<string, object?> values) => values.ToDictionary(
        v => v.Key,
        v =>
            new OriginalRecord(
                v.Key, v.Value as Dictionary<string, object?> ?? throw new PickleException($"client [{v.Key}] has no attributes")));
}
