using Mandos.Client.Hosting;

namespace Mandos.Client.Runner;

/// <summary>A program in the directory of plugins.</summary>
internal sealed class Plugin(string name, string path, bool isOwn)
{
    // Time for network hooks (30 s) and what else it has to undo; it keeps its own limits.
    private static readonly TimeSpan ClientGrace = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    /// <summary>The name of its file, by which options speak of it.</summary>
    internal string Name => name;

    /// <summary>Its file.</summary>
    internal string Path => path;

    /// <summary>True if it is this very executable, so one of our own programs.</summary>
    internal bool IsOwn => isOwn;

    /// <summary>True for our own programs that act as root: whatever else the file can be has no business there.</summary>
    internal bool NeedsRoot => IsOwn && (Name is RoleNames.Plymouth or RoleNames.AskpassFifo || RoleNames.IsClient(Name));

    /// <summary>
    /// True for our own prompt: it must be in the foreground to read the terminal, and its question, which ends without a
    /// line end, must be seen at once and as it is.
    /// </summary>
    internal bool OwnsTerminal => IsOwn && Name == RoleNames.PasswordPrompt;

    /// <summary>True if a person types what it prints: then an empty line is a password like any other.</summary>
    internal bool IsTyped => Name is RoleNames.PasswordPrompt or RoleNames.Plymouth;

    /// <summary>How long it may take to end after SIGTERM.</summary>
    internal TimeSpan Grace => IsOwn && RoleNames.IsClient(Name) ? ClientGrace : StopGrace;
}
