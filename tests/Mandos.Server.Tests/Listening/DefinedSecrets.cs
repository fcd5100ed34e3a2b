using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Listening;

/// <summary>
/// Decides by the configuration alone: an enabled client gets its secret, after its approval delay if that is the default,
/// because there is no operator here. Owns the secrets.
/// </summary>
internal sealed class DefinedSecrets(IReadOnlyList<ClientDefinition> clients, TimeProvider time) : ISecretKeeper, IDisposable
{
    /// <summary>The first in the order of the table wins; the key ID of nothing belongs to no client.</summary>
    private readonly Dictionary<KeyId, ClientDefinition> _byKey = clients.Where(c => c.KeyId is { } key && key != KeyId.OfNothing)
        .GroupBy(c => c.KeyId!.Value).ToDictionary(g => g.Key, g => g.First());

    /// <inheritdoc />
    public bool Knows(KeyId key) => _byKey.ContainsKey(key);

    /// <inheritdoc />
    public async Task<SecretAnswer> RequestAsync(KeyId key, string address, CancellationToken withdrawn)
    {
        var client = _byKey.GetValueOrDefault(key);
        if (client is { Enabled: true, Settings.ApprovalDelay: var delay } && delay > Duration.Zero)
            await Task.Delay(delay.Value, time, withdrawn).ConfigureAwait(false);
        return new Answer(client);
    }

    /// <summary>Releases all secrets.</summary>
    public void Dispose()
    {
        foreach (var client in clients)
            client.Secret.Dispose();
    }

    private sealed class Answer(ClientDefinition? client) : SecretAnswer(client?.Name)
    {
        internal override ClientSecret? Secret => Refusal is null ? client?.Secret : null;

        internal override Refusal? Refusal => client switch
        {
            null => null,
            { Enabled: false } => Server.Clients.Refusal.Disabled,
            { Settings: { ApprovedByDefault: false } settings } when settings.ApprovalDelay > Duration.Zero =>
                Server.Clients.Refusal.ApprovalTimedOut,
            { Secret.Length: 0 } => Server.Clients.Refusal.EmptySecret,
            _ => null,
        };

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
