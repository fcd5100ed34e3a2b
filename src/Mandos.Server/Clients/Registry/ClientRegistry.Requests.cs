using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>Connections that ask for secrets.</summary>
internal sealed partial class ClientRegistry
{
    private readonly SecretRequests _requests = new();

    /// <inheritdoc />
    public bool Knows(KeyId key) => _index.Find(key) is not null;

    /// <inheritdoc />
    public async Task<SecretAnswer> RequestAsync(KeyId key, string address, CancellationToken withdrawn)
    {
        withdrawn.ThrowIfCancellationRequested();
        if (_index.Find(key) is not { } entry)
        {
            Post(new RegistryCommand.UnknownKey(key, address));
            return new RegistryAnswer(null, null, null, null);
        }

        var answer = _requests.Add(out var request);
        if (!Post(new RegistryCommand.Happened(entry, new ClientEvent.SecretRequested(request))))
            _requests.Cancel(request, withdrawn);
        // After the request was posted, so that its end is posted after it.
        using var registration = withdrawn.UnsafeRegister((_, token) => Withdraw(entry, request, token), null);
        return await answer.ConfigureAwait(false);
    }

    private void Withdraw(ClientEntry entry, long request, CancellationToken withdrawn)
    {
        if (_requests.Cancel(request, withdrawn))
            Post(new RegistryCommand.Happened(entry, new ClientEvent.RequestEnded(request, Delivered: false)));
    }

    private void Release(ClientEntry entry, long request, ClientSecret secret)
    {
        // The client has disconnected: this was reported already, or will be.
        if (!_requests.TryTake(request, out var answer))
            return;
        if (!secret.TryHold())
            throw new InvalidOperationException("the secret of a client was wiped while it is in use");
        answer.SetResult(new RegistryAnswer(entry.Name, secret, null,
            delivered => Post(new RegistryCommand.Happened(entry, new ClientEvent.RequestEnded(request, delivered)))));
    }

    private void Refuse(ClientEntry entry, long request, Refusal reason)
    {
        if (_requests.TryTake(request, out var answer))
            answer.SetResult(new RegistryAnswer(entry.Name, null, reason, null));
    }
}
