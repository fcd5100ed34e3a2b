using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>Decides about connections on behalf of the listener.</summary>
internal interface ISecretKeeper
{
    /// <summary>Whether a client has this key. The connection of a known client is not evicted in favour of others.</summary>
    bool Knows(KeyId key);

    /// <summary>Requests the secret of the client that holds a key, and waits for a decision if one is needed.</summary>
    /// <param name="key">The key that the peer proved to hold.</param>
    /// <param name="address">The peer's address, for the log and the bus.</param>
    /// <param name="withdrawn">Cancelled when the peer has disconnected or the server stops; withdraws the request.</param>
    /// <exception cref="OperationCanceledException">The request was withdrawn.</exception>
    Task<SecretAnswer> RequestAsync(KeyId key, string address, CancellationToken withdrawn);
}

/// <summary>The answer to a request for a secret. The caller disposes it when the connection has ended.</summary>
internal abstract class SecretAnswer(string? client) : IAsyncDisposable
{
    /// <summary>The name of the client that has the key; null if there is none.</summary>
    internal string? Client { get; } = client;

    /// <summary>The secret to deliver immediately; null if the request is refused.</summary>
    internal abstract ClientSecret? Secret { get; }

    /// <summary>Why the request is refused; null if there is a secret, or if the key is unknown.</summary>
    internal abstract Refusal? Refusal { get; }

    /// <summary>Set before disposal if the whole secret was sent and the peer closed properly.</summary>
    internal bool Delivered { get; set; }

    /// <summary>Set before disposal if the client announced that it only tests whether it gets its secret.</summary>
    internal bool IsRehearsal { get; set; }

    /// <summary>Reports to the registry that the connection has ended, and releases the secret.</summary>
    public abstract ValueTask DisposeAsync();
}
