using Mandos.BusClient;
using Mandos.Core.Secrets;

namespace Mandos.Control.Actions;

/// <summary>What an option or a command does with one client.</summary>
internal abstract record ClientAction
{
    /// <summary>Performs it.</summary>
    /// <exception cref="BusFailure">The server did not do it.</exception>
    internal abstract Task RunAsync(ServerConnection server, ClientState client, CancellationToken cancellationToken);
}

/// <summary>Sets a property.</summary>
/// <param name="Property">Its name on the bus.</param>
/// <param name="Value">A string, a boolean or a <see cref="TimeSpan"/>.</param>
internal sealed record SetAction(string Property, object Value) : ClientAction
{
    internal override Task RunAsync(ServerConnection server, ClientState client, CancellationToken cancellationToken) =>
        server.SetAsync(client.Path, Property, Value, cancellationToken);
}

/// <summary>Sets the secret, which it owns.</summary>
internal sealed record SetSecretAction(SecretBuffer Secret) : ClientAction, IDisposable
{
    public void Dispose() => Secret.Dispose();

    internal override Task RunAsync(ServerConnection server, ClientState client, CancellationToken cancellationToken) =>
        server.SetSecretAsync(client.Path, Secret, cancellationToken);
}

/// <summary>Approves or denies.</summary>
internal sealed record DecideAction(bool Approve) : ClientAction
{
    internal override Task RunAsync(ServerConnection server, ClientState client, CancellationToken cancellationToken) =>
        server.ApproveAsync(client.Path, Approve, cancellationToken);
}

/// <summary>Begins maintenance, or ends it if the span is zero.</summary>
internal sealed record MaintainAction(TimeSpan Span) : ClientAction
{
    internal override Task RunAsync(ServerConnection server, ClientState client, CancellationToken cancellationToken) =>
        server.MaintainAsync(client.Path, Span, cancellationToken);
}

/// <summary>Removes the client.</summary>
internal sealed record RemoveAction : ClientAction
{
    internal override Task RunAsync(ServerConnection server, ClientState client, CancellationToken cancellationToken) =>
        server.RemoveAsync(client.Path, cancellationToken);
}

/// <summary>Ends the program with exit code 0 if the client is enabled, otherwise with 1.</summary>
internal sealed record IsEnabledAction : ClientAction
{
    internal override Task RunAsync(ServerConnection server, ClientState client, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Wipes the secrets of actions on disposal.</summary>
internal sealed class OwnedSecrets(IReadOnlyList<ClientAction> actions) : IDisposable
{
    public void Dispose()
    {
        foreach (var action in actions)
            (action as IDisposable)?.Dispose();
    }
}
