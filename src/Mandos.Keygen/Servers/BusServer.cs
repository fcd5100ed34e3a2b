using System.Text;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Servers;

/// <summary>A server that mandos-ctl adds clients to while it runs. What it has cannot be read back.</summary>
internal sealed class BusServer(SshTarget target) : IClientServer
{
    /// <inheritdoc/>
    public string Name => target.Name;

    /// <inheritdoc/>
    public async Task<ServerState> LookAsync(string keyId, string client, CancellationToken cancellationToken)
    {
        var result = await target.RunAsync(ServerScripts.LookOnBus, default, [keyId, client], cancellationToken).ConfigureAwait(false);
        if (!result.Success)
            throw new KeygenException($"{Name}: mandos-ctl does not reach the server: {result.LastLine}");
        return result.Output.Trim() switch
        {
            "none" => throw new KeygenException(
                $"{Name} has no mandos-ctl with the command 'add'", "install the package mandos-dotnet there, or use --via=files"),
            var answer => new(
                ServerKind.Ours, "mandos-ctl", File: null, Section: null, answer == "known",
                answer == "taken" ? "the running server" : null),
        };
    }

    /// <inheritdoc/>
    public async Task<InstalledSection> InstallAsync(ServerState state, NewSection section, CancellationToken cancellationToken)
    {
        var result = state.IsKnown
            ? await target.RunAsync(ServerScripts.SetOnBus, section.Secret, [section.Client], cancellationToken).ConfigureAwait(false)
            : await target.RunAsync(ServerScripts.AddOnBus, Encoding.UTF8.GetBytes(section.Text), [], cancellationToken)
                .ConfigureAwait(false);
        if (!result.Success)
            throw new KeygenException($"{Name}: mandos-ctl does not add the client: {result.LastLine}");
        return new(
            $"{Name}, by mandos-ctl", [],
            state.IsKnown ? null : token => RemoveAsync(state, section.KeyId, section.Client, token));
    }

    /// <inheritdoc/>
    public Task<InstalledSection> PromoteAsync(
        ServerState old, string oldKeyId, NewSection section, CancellationToken cancellationToken) =>
        throw new KeygenException($"{Name}: mandos-ctl cannot replace the keys of a client");

    /// <inheritdoc/>
    public async Task RemoveAsync(ServerState state, string keyId, string client, CancellationToken cancellationToken)
    {
        var result = await target.RunAsync(ServerScripts.RemoveOnBus, default, [client], cancellationToken).ConfigureAwait(false);
        if (!result.Success)
            throw new KeygenException($"{Name}: mandos-ctl does not remove the client: {result.LastLine}");
    }
}
