using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>
/// The encrypted secrets of all clients as they are in the store, so that an unchanged secret is not encrypted again each time its client
/// is saved. Contains no plain secret.
/// </summary>
internal sealed class SealedSecrets(SecretSeal seal)
{
    private readonly Dictionary<string, (ClientSecret Secret, byte[] Box)> _known = [];

    /// <summary>Encrypts a client's secret, unless it is the same object as the last one.</summary>
    internal byte[] Seal(ClientState client)
    {
        if (_known.TryGetValue(client.Name, out var known) && ReferenceEquals(known.Secret, client.Secret))
            return known.Box;
        var box = seal.Seal(client.Name, client.Secret.Memory.Span);
        _known[client.Name] = (client.Secret, box);
        return box;
    }

    /// <summary>Decrypts a secret; null if it was not encrypted for this client.</summary>
    internal ClientSecret? Open(string client, byte[] box)
    {
        if (seal.Open(client, box) is not { } bytes)
            return null;
        var secret = new ClientSecret(bytes);
        _known[client] = (secret, box);
        return secret;
    }

    /// <summary>Forgets a removed client.</summary>
    internal void Forget(string client) => _ = _known.Remove(client);
}
