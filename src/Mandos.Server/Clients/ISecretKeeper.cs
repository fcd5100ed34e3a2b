using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>Who decides about a connection, as listening sees it.</summary>
internal interface ISecretKeeper
{
    /// <summary>Whether a client has this key, so that its connection need not make room for others.</summary>
    bool Knows(KeyId key);

    /// <summary>Requests the secret of the client that holds a key, and waits for a decision if one is needed.</summary>
    /// <param name="key">What the peer proved to hold.</param>
    /// <param name="address">Where it is, for the log and the bus.</param>
    /// <param name="withdrawn">The peer has gone, or the server stops: the wait ends, and the request is withdrawn.</param>
    /// <exception cref="OperationCanceledException">It was withdrawn.</exception>
    Task<SecretAnswer> RequestAsync(KeyId key, string address, CancellationToken withdrawn);
}

/// <summary>The answer to a request for a secret. Disposed by the asker when the connection has ended.</summary>
internal abstract class SecretAnswer(string? client) : IAsyncDisposable
{
    /// <summary>The client that has the key; null if none.</summary>
    internal string? Client { get; } = client;

    /// <summary>What to deliver, at once; null: no.</summary>
    internal abstract ClientSecret? Secret { get; }

    /// <summary>Why not; null if there is a secret, or if the key is unknown.</summary>
    internal abstract Refusal? Refusal { get; }

    /// <summary>Said before the disposal if all of the secret went out and the peer closed properly.</summary>
    internal bool Delivered { get; set; }

    /// <summary>The connection has ended: informs the registry, and releases the secret.</summary>
    public abstract ValueTask DisposeAsync();
}
