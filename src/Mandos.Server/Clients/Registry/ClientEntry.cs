namespace Mandos.Server.Clients.Registry;

/// <summary>A client in the registry: its published state, and the state that the loop is working on.</summary>
internal sealed class ClientEntry
{
    private volatile ClientState _published;

    internal ClientEntry(long number, ClientState state)
    {
        Number = number;
        _published = state;
        Working = state;
    }

    /// <summary>A number that is unique among entries.</summary>
    internal long Number { get; }

    internal string Name => _published.Name;

    /// <summary>The durable and effective state; readable by every thread.</summary>
    internal ClientState Published => _published;

    /// <summary>The state that is not yet durable, for the loop only. Null if the client was removed.</summary>
    internal ClientState? Working { get; set; }

    /// <summary>Whether the client is being saved or is about to be, so that its events wait; for the loop only.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>Whether a caller waits for the change that is being saved; for the loop only.</summary>
    internal bool IsWanted { get; set; }

    /// <summary>Publishes the working state, which is now durable.</summary>
    internal void Publish()
    {
        if (Working is not null)
            _published = Working;
    }

    /// <summary>Discards the working state.</summary>
    internal void Undo() => Working = _published;

    /// <summary>
    /// Publishes a step that need not be durable, without waiting for the working state to be saved; the working state gets the request
    /// too.
    /// </summary>
    internal void PublishBeside(ClientState published, SecretRequest request)
    {
        Working = ReferenceEquals(Working, _published) ? published : Working! with { Requests = Working.Requests.Add(request) };
        _published = published;
    }
}
