namespace Mandos.Keygen.Servers;

/// <summary>Which server runs on a machine.</summary>
internal enum ServerKind
{
    /// <summary>This implementation.</summary>
    Ours,

    /// <summary>The original.</summary>
    Original,
}

/// <summary>What was found on a server.</summary>
/// <param name="Kind">Whose server it is.</param>
/// <param name="Version">What it prints for <c>--version</c>.</param>
/// <param name="File">The file in /etc/mandos with the section of these keys; null if there is none.</param>
/// <param name="Section">The text of that section; null if there is none, or if it cannot be read (on the bus).</param>
/// <param name="IsKnown">Whether the server knows these keys.</param>
/// <param name="Taken">The file that has a section of the same name with other keys; null if there is none.</param>
internal sealed record ServerState(ServerKind Kind, string Version, string? File, string? Section, bool IsKnown, string? Taken);

/// <summary>A client's section on a server.</summary>
internal interface IClientServer
{
    /// <summary>The server, as it was given.</summary>
    string Name { get; }

    /// <summary>Finds out what is there.</summary>
    /// <exception cref="Failures.KeygenException">No Mandos server is there, or it cannot be reached.</exception>
    Task<ServerState> LookAsync(string keyId, string client, CancellationToken cancellationToken);

    /// <summary>Installs a section; after a failure everything is as before.</summary>
    /// <returns>Warnings of the server, and how to take the change back.</returns>
    /// <exception cref="Failures.KeygenException">It was not installed.</exception>
    Task<InstalledSection> InstallAsync(ServerState state, NewSection section, CancellationToken cancellationToken);

    /// <summary>
    /// In one step, the section of new keys takes the place of that of the old ones, and its own place disappears; after a failure
    /// everything is as before.
    /// </summary>
    /// <returns>Warnings of the server, and how to take the change back.</returns>
    /// <exception cref="Failures.KeygenException">It was not replaced.</exception>
    Task<InstalledSection> PromoteAsync(ServerState old, string oldKeyId, NewSection section, CancellationToken cancellationToken);

    /// <summary>Removes the section of these keys.</summary>
    /// <exception cref="Failures.KeygenException">It was not removed.</exception>
    Task RemoveAsync(ServerState state, string keyId, string client, CancellationToken cancellationToken);
}

/// <summary>The section to install.</summary>
/// <param name="Client">The name of the client.</param>
/// <param name="KeyId">Its key ID.</param>
/// <param name="Text">The section.</param>
/// <param name="Secret">The secret in it.</param>
internal sealed record NewSection(string Client, string KeyId, string Text, ReadOnlyMemory<byte> Secret);

/// <summary>A section that was installed.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Warnings">What the server's check reports beside errors.</param>
/// <param name="UndoAsync">Restores what was there; null if that is impossible.</param>
internal sealed record InstalledSection(string Place, IReadOnlyList<string> Warnings, Func<CancellationToken, Task>? UndoAsync);
