namespace Mandos.Server.Clients.Registry;

/// <summary>A client's place in the registry: its state as others see it, and as the loop has got to.</summary>
internal sealed class ClientEntry
{
    private volatile ClientState _published;

    internal ClientEntry(long number, ClientState state)
    {
        Number = number;
        _published = state;
        Working = state;
    }

    /// <summary>Distinguishes it from every other place.</summary>
    internal long Number { get; }

    internal string Name => _published.Name;

    /// <summary>Durable and effective; for every thread.</summary>
    internal ClientState Published => _published;

    /// <summary>Not yet durable; for the loop alone. Null: the client is gone.</summary>
    internal ClientState? Working { get; set; }

    /// <summary>Something of it is being saved, or is to be saved next: what happens to it meanwhile waits; for the loop alone.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>A caller requested a part of what is being saved, or waits for it; for the loop only.</summary>
    internal bool IsWanted { get; set; }

    /// <summary>What was worked out is durable now.</summary>
    internal void Publish()
    {
        if (Working is not null)
            _published = Working;
    }

    /// <summary>What was worked out never happened.</summary>
    internal void Undo() => Working = _published;

    /// <summary>A step that needs not be durable is effective at once, beside what was worked out and is not durable yet.</summary>
    internal void PublishBeside(ClientState published, SecretRequest request)
    {
        Working = ReferenceEquals(Working, _published) ? published : Working! with { Requests = Working.Requests.Add(request) };
        _published = published;
    }
}
