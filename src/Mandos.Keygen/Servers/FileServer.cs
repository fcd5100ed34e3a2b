using System.Globalization;
using System.Text;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Servers;

/// <summary>A server whose files are changed: a file in clients.d for this implementation, clients.conf for the original.</summary>
internal sealed class FileServer(SshTarget target) : IClientServer
{
    private const string ClientsFile = "clients.conf";

    /// <inheritdoc/>
    public string Name => target.Name;

    /// <inheritdoc/>
    public async Task<ServerState> LookAsync(string keyId, string client, CancellationToken cancellationToken)
    {
        var result = await target.RunAsync(ServerScripts.Look, default, [keyId, client], cancellationToken).ConfigureAwait(false);
        if (!result.Success)
            throw new KeygenException($"{Name}: its configuration cannot be read: {result.LastLine}");
        // The section goes back to the server as it is; what is printed here has no control characters.
        var lines = result.Output.Split('\n').Select(line => line.StartsWith('|') ? line : Printable(line)).ToArray();
        if (lines is not [var kind and ("ours" or "original"), var version, ..])
            throw new KeygenException(
                $"{Name} has no Mandos server", "install the package mandos-dotnet or mandos there, or give another server");
        string? file = null, taken = null;
        var section = new StringBuilder();
        foreach (var line in lines.Skip(2))
        {
            if (line.StartsWith("own ", StringComparison.Ordinal) && file is null)
                file = line[4..];
            else if (line.StartsWith("own ", StringComparison.Ordinal))
                throw new KeygenException(
                    $"{Name} has these keys in more than one section: {file}, {line[4..]}", "remove all but one of them there");
            else if (line.StartsWith("taken ", StringComparison.Ordinal))
                taken = line[6..];
            else if (line.StartsWith('|'))
                section.Append(line, 1, line.Length - 1).Append('\n');
        }

        // Its name is printed.
        if (file is not null && !SectionText.HasName(section.ToString()))
            throw new KeygenException($"{Name}: the section in {file} does not begin with a name in brackets");
        return new(
            kind == "ours" ? ServerKind.Ours : ServerKind.Original, version.Trim(), file, file is null ? null : section.ToString(),
            file is not null, taken);
    }

    /// <inheritdoc/>
    public Task<InstalledSection> InstallAsync(ServerState state, NewSection section, CancellationToken cancellationToken) =>
        InstallAsync(state, section, section.KeyId, dropped: "", cancellationToken);

    /// <inheritdoc/>
    public Task<InstalledSection> PromoteAsync(
        ServerState old, string oldKeyId, NewSection section, CancellationToken cancellationToken) =>
        InstallAsync(old, section, oldKeyId, dropped: section.KeyId, cancellationToken);

    private async Task<InstalledSection> InstallAsync(
        ServerState state, NewSection section, string replaced, string dropped, CancellationToken cancellationToken)
    {
        var file = state.File ?? (state.Kind == ServerKind.Ours ? $"clients.d/{section.Client}.conf" : ClientsFile);
        var bytes = Encoding.UTF8.GetBytes(section.Text);
        var result = await target.RunAsync(
            ServerScripts.Install, bytes,
            [Kind(state), file, replaced, bytes.Length.ToString(CultureInfo.InvariantCulture), dropped],
            cancellationToken).ConfigureAwait(false);
        if (!result.Success)
            throw Failure(state, file, result);
        var answer = result.Output.Split('\n');
        var had = answer.Contains("had 1") ? "1" : "0";
        var sum = answer.LastOrDefault(line => line.StartsWith("sum ", StringComparison.Ordinal), "sum ")[4..];
        return new(
            $"{Name}:/etc/mandos/{file}", [.. Lines(result.Errors)],
            async token =>
            {
                var undone = await target.RunAsync(ServerScripts.Restore, default, [Kind(state), file, had, sum], token)
                    .ConfigureAwait(false);
                if (!undone.Success)
                    throw new KeygenException($"{Name}: /etc/mandos/{file} is not restored: {undone.LastLine}");
            });
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(ServerState state, string keyId, string client, CancellationToken cancellationToken)
    {
        if (state.File is not { } file)
            return;
        var result = await target.RunAsync(ServerScripts.Remove, default, [Kind(state), file, keyId], cancellationToken)
            .ConfigureAwait(false);
        if (!result.Success)
            throw Failure(state, file, result);
    }

    private KeygenException Failure(ServerState state, string file, ProgramResult result) => result.ExitCode switch
    {
        ServerScripts.Invalid => new(
            $"{Name}: the server refuses its configuration with this section, which was removed again:\n"
                + string.Join('\n', Lines(result.Errors).Select(line => $"  {line}")),
            "correct it there, until 'mandos --check-config' reports no error, and enrol again"),
        ServerScripts.NotRunning => new(
            $"{Name}: the server does not {(state.Kind == ServerKind.Ours ? "reload" : "restart")}: {result.LastLine}",
            "start it there ('systemctl start mandos'), and try again; the reason is in 'journalctl -u mandos'"),
        ServerScripts.Incomplete => new($"{Name}: the connection ended before the whole section was there", "try again"),
        _ => new($"{Name}: /etc/mandos/{file} cannot be changed: {result.LastLine}"),
    };

    private static string Kind(ServerState state) => state.Kind == ServerKind.Ours ? "ours" : "original";

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(Printable).Where(line => line.Length > 0);

    private static string Printable(string line) => string.Concat(line.Where(character => !char.IsControl(character)));
}
