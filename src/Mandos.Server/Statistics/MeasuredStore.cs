using Mandos.Server.Clients;

namespace Mandos.Server.Statistics;

/// <summary>A store whose saves are counted and timed. Does not own the store.</summary>
/// <param name="store">The store.</param>
/// <param name="statistics">Takes the results.</param>
/// <param name="time">The clock.</param>
internal sealed class MeasuredStore(IClientStore store, ServerStatistics statistics, TimeProvider time) : IClientStore
{
    /// <inheritdoc />
    public StoredState Load() => store.Load();

    /// <inheritdoc />
    public void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now) =>
        Measure(() => store.Replace(clients, configured, now));

    /// <inheritdoc />
    public void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now) =>
        Measure(() => store.Save(changed, removed, now));

    /// <inheritdoc />
    public void SaveTimes(IReadOnlyList<ClientState> changed, Moment now) => Measure(() => store.SaveTimes(changed, now));

    /// <inheritdoc />
    public void Dispose()
    {
        // The caller owns the store.
    }

    private void Measure(Action save)
    {
        var start = time.GetTimestamp();
        try
        {
            save();
            statistics.Count(ServerCounter.Saves);
        }
        catch (StoreException)
        {
            statistics.Count(ServerCounter.SavesFailed);
            throw;
        }
        finally
        {
            statistics.Add(ServerCounter.SaveMicroseconds, time.GetElapsedTime(start));
        }
    }
}
