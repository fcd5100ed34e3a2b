using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Bus;

/// <summary>Not the store, a fake: what is saved is forgotten, or refused.</summary>
internal sealed class MemoryStore : IClientStore
{
    /// <summary>Whether the disk is full.</summary>
    internal bool IsFull { get; set; }

    private readonly ManualResetEventSlim _open = new(true);

    /// <summary>The disk takes its time.</summary>
    internal void Hold() => _open.Reset();

    /// <summary>It is done.</summary>
    internal void LetGo() => _open.Set();

    public StoredState Load() => new([], new Dictionary<string, ConfiguredClient>());

    public void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now) => Write();

    public void SaveTimes(IReadOnlyList<ClientState> changed, Moment now) => Write();

    public void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now) => Write();

    public void Dispose() => _open.Dispose();

    private void Write()
    {
        _open.Wait();
        if (IsFull)
            throw new StoreException("no space left on device");
    }
}
