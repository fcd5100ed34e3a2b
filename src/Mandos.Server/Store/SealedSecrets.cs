using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>
/// The secrets of all clients as they stand in the store, so that one that did not change is not encrypted again each time
/// its client is saved. Holds what is encrypted only.
/// </summary>
internal sealed class SealedSecrets(SecretSeal seal)
{
    private readonly Dictionary<string, (ClientSecret Secret, byte[] Box)> _known = [];

    /// <summary>Encrypts a client's secret, unless it is the very one that was encrypted last.</summary>
    internal byte[] Seal(ClientState client)
    {
        if (_known.TryGetValue(client.Name, out var known) && ReferenceEquals(known.Secret, client.Secret))
            return known.Box;
        var box = seal.Seal(client.Name, client.Secret.Memory.Span);
        _known[client.Name] = (client.Secret, box);
        return box;
    }

    /// <summary>Decrypts; null if it was not encrypted for this client.</summary>
    internal ClientSecret? Open(string client, byte[] box)
    {
        if (seal.Open(client, box) is not { } bytes)
            return null;
        var secret = new ClientSecret(bytes);
        _known[client] = (secret, box);
        return secret;
    }

    /// <summary>Forgets a client that is gone.</summary>
    internal void Forget(string client) => _ = _known.Remove(client);
}
