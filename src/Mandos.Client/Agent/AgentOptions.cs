using Mandos.Core.Linux.Privileges;

namespace Mandos.Client.Agent;

/// <summary>The options of password-agent.</summary>
internal sealed class AgentOptions
{
    /// <summary>The directory in which questions appear.</summary>
    internal string AgentDirectory { get; init; } = "/run/systemd/ask-password";

    /// <summary>The directory that the client gets in MANDOSPLUGINHELPERDIR.</summary>
    internal string HelperDirectory { get; init; } = "/lib/mandos/plugin-helpers";

    /// <summary>The real user of the client.</summary>
    internal uint User { get; init; } = Credentials.Nobody;

    /// <summary>The real group of the client.</summary>
    internal uint Group { get; init; } = Credentials.Nobody;

    /// <summary>Whether the client gets the user and group; only root can do that.</summary>
    internal bool AsUser { get; set; }

    /// <summary>Answer every question, whatever it asks for.</summary>
    internal bool AnyId { get; init; }

    /// <summary>How long to stay after the last answer.</summary>
    internal TimeSpan Linger { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Only run the self-test.</summary>
    internal bool Test { get; init; }

    /// <summary>Print debug messages.</summary>
    internal bool Debug { get; init; }

    /// <summary>The path of the client and its arguments.</summary>
    internal IReadOnlyList<string> Client { get; init; } = ["/lib/mandos/plugins.d/mandos-client"];
}
