using Mandos.Client.Hosting;

namespace Mandos.Client.Runner;

/// <summary>A program in the plugin directory.</summary>
internal sealed class Plugin(string name, string path, bool isOwn)
{
    // The time for network hooks (30 s) and other cleanup; the client has limits of its own.
    private static readonly TimeSpan ClientGrace = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    /// <summary>The name of its file, which options refer to.</summary>
    internal string Name => name;

    /// <summary>The path of its file.</summary>
    internal string Path => path;

    /// <summary>Whether it is this executable, and thus one of our own programs.</summary>
    internal bool IsOwn => isOwn;

    /// <summary>Whether it is one of our own programs that need root; all others must not run as root.</summary>
    internal bool NeedsRoot => IsOwn && (Name is RoleNames.Plymouth or RoleNames.AskpassFifo || RoleNames.IsClient(Name));

    /// <summary>
    /// Whether it is our own prompt: it must be in the foreground to read the terminal, and its prompt, which has no line end, must be
    /// shown immediately and unchanged.
    /// </summary>
    internal bool OwnsTerminal => IsOwn && Name == RoleNames.PasswordPrompt;

    /// <summary>Whether a user types what it prints; an empty line is then a password like any other.</summary>
    internal bool IsTyped => Name is RoleNames.PasswordPrompt or RoleNames.Plymouth;

    /// <summary>The time from SIGTERM until the plugin must have exited.</summary>
    internal TimeSpan Grace => IsOwn && RoleNames.IsClient(Name) ? ClientGrace : StopGrace;
}
