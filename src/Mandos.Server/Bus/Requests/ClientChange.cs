using Mandos.Core.OpenPgp.Messages;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Requests;

/// <summary>A change of a client requested on the bus. Owns its values until it is applied.</summary>
internal abstract class ClientChange : IDisposable
{
    /// <summary>Has it done; what it carries belongs to the registry from then on.</summary>
    internal abstract Task<ChangeOutcome> ApplyAsync(IClientRegistry registry, string client);

    /// <summary>What is wrong with the secret that it carries, as the end of a sentence; null if there is nothing to be seen.</summary>
    internal virtual string? SecretFault => null;

    /// <inheritdoc />
    public virtual void Dispose()
    {
    }

    /// <summary>A setting gets another value.</summary>
    internal sealed class Setting(Func<ClientSettings, ClientSettings> change) : ClientChange
    {
        internal override Task<ChangeOutcome> ApplyAsync(IClientRegistry registry, string client) =>
            registry.ConfigureAsync(client, change);
    }

    /// <summary>Something is to happen to it.</summary>
    internal sealed class Happening(ClientEvent happening) : ClientChange
    {
        internal override Task<ChangeOutcome> ApplyAsync(IClientRegistry registry, string client) => registry.ApplyAsync(client, happening);
    }

    /// <summary>It gets another secret.</summary>
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
