using Mandos.Core.Durations;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>
/// Decides by the configuration alone: an enabled client gets its secret, unless somebody would have to be asked, for here
/// is nobody. Owns the secrets.
/// </summary>
internal sealed class DefinedSecrets(IReadOnlyList<ClientDefinition> clients) : ISecretKeeper, IDisposable
{
    /// <summary>The first in the order of the table wins; the key ID of nothing is nobody's.</summary>
    private readonly Dictionary<KeyId, ClientDefinition> _byKey = clients.Where(c => c.KeyId is { } key && key != KeyId.OfNothing)
        .GroupBy(c => c.KeyId!.Value).ToDictionary(g => g.Key, g => g.First());

    /// <inheritdoc />
    public bool Knows(KeyId key) => _byKey.ContainsKey(key);

    /// <inheritdoc />
    public Task<SecretAnswer> RequestAsync(KeyId key, string address, CancellationToken withdrawn) =>
        Task.FromResult<SecretAnswer>(new Answer(_byKey.GetValueOrDefault(key)));

    /// <summary>Lets go of all secrets.</summary>
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
            { Enabled: false } => Clients.Refusal.Disabled,
            { Settings: { ApprovedByDefault: false } settings } when settings.ApprovalDelay > Duration.Zero => Clients.Refusal.ApprovalTimedOut,
            { Secret.Length: 0 } => Clients.Refusal.EmptySecret,
            _ => null,
        };

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
