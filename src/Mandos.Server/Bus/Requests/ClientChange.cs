using Mandos.Core.OpenPgp.Messages;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Requests;

/// <summary>A change of a client requested on the bus. Owns its values until it is applied.</summary>
internal abstract class ClientChange : IDisposable
{
    /// <summary>Applies the change; the registry takes ownership of its values.</summary>
    internal abstract Task<ChangeOutcome> ApplyAsync(IClientRegistry registry, string client);

    /// <summary>What is wrong with the secret in the change, as the end of a sentence; null if nothing was found.</summary>
    internal virtual string? SecretFault => null;

    /// <inheritdoc />
    public virtual void Dispose()
    {
    }

    /// <summary>A change of a setting.</summary>
    internal sealed class Setting(Func<ClientSettings, ClientSettings> change) : ClientChange
    {
        internal override Task<ChangeOutcome> ApplyAsync(IClientRegistry registry, string client) =>
            registry.ConfigureAsync(client, change);
    }

    /// <summary>An event for the client.</summary>
    internal sealed class Happening(ClientEvent happening) : ClientChange
    {
        internal override Task<ChangeOutcome> ApplyAsync(IClientRegistry registry, string client) => registry.ApplyAsync(client, happening);
    }

    /// <summary>A change of the secret.</summary>
    internal sealed class NewSecret(ClientSecret secret) : ClientChange
    {
        private ClientSecret? _secret = secret;

        internal override string? SecretFault { get; } = MessageFault.Of(secret.Memory.Span);

        internal override Task<ChangeOutcome> ApplyAsync(IClientRegistry registry, string client)
        {
            var handedOver = Interlocked.Exchange(ref _secret, null) ?? throw new InvalidOperationException(
                "a secret can be handed over once");
            return registry.ApplyAsync(client, new ClientEvent.ReplaceSecret(handedOver));
        }

        public override void Dispose()
        {
            Interlocked.Exchange(ref _secret, null)?.Dispose();
            base.Dispose();
        }
    }
}
