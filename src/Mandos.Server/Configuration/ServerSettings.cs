using System.Net;
using Mandos.Core.Exchange;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Configuration;

/// <summary>The settings of the server: mandos.conf, overridden by the command line.</summary>
internal sealed record ServerSettings
{
    internal const string DefaultStateDirectory = "/var/lib/mandos";

    /// <summary>The name of the only interface to use; null for all.</summary>
    internal string? Interface { get; init; }

    /// <summary>The address to listen on; null for all.</summary>
    internal IPAddress? Address { get; init; }

    /// <summary>The TCP port; 0 for any free one.</summary>
    internal int Port { get; init; }

    /// <summary>The TLS parameters.</summary>
    internal TlsPriority Priority { get; init; } = TlsPriority.ServerDefault;

    /// <summary>The announced name of the service, which the log uses too.</summary>
    internal string ServiceName { get; init; } = "Mandos";

    /// <summary>The lowest level that is logged.</summary>
    internal LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>The directory of clients.conf.</summary>
    internal string ConfigurationDirectory { get; init; } = CommandLineSettings.DefaultConfigurationDirectory;

    /// <summary>The directory for the state of the clients.</summary>
    internal string StateDirectory { get; init; } = DefaultStateDirectory;

    /// <summary>A socket that the parent process has bound; null if there is none.</summary>
    internal int? Socket { get; init; }

    /// <summary>Sockets that a service manager has bound; none if it has not.</summary>
    internal IReadOnlyList<int> Activated { get; init; } = [];

    /// <summary>The limits on connections.</summary>
    internal ConnectionLimits Connections { get; init; } = new();

    /// <summary>Stay in the foreground, and log to stderr.</summary>
    internal bool Foreground { get; init; }

    internal bool Debug { get; init; }

    internal bool UseIPv6 { get; init; } = true;

    internal bool Zeroconf { get; init; } = true;

    /// <summary>Whether to connect to the system bus.</summary>
    internal bool UseDBus { get; init; } = true;

    /// <summary>Whether to restore the saved state; otherwise everything starts from the configuration.</summary>
    internal bool Restore { get; init; } = true;

    /// <summary>Whether to keep an audit trail in the state directory.</summary>
    internal bool Audit { get; init; } = true;

    /// <summary>The size in bytes from which a new file of the audit trail begins.</summary>
    internal int AuditSize { get; init; } = 16 << 20;

    /// <summary>Whether each record of the audit trail is also sent to the log daemon.</summary>
    internal bool AuditCopy { get; init; }

    /// <summary>When to announce a client that will be disabled.</summary>
    internal DisableWarning DisableWarning { get; init; } = DisableWarning.Usual;

    /// <summary>
    /// If so many percent of the clients fail their checks, those that need no approval stay enabled for one more timeout; null turns this
    /// off.
    /// </summary>
    internal int? MassFailure { get; init; }

    /// <summary>The file with the clients; more may be in the folder clients.d next to it.</summary>
    internal string ClientsFile => Path.Combine(ConfigurationDirectory, "clients.conf");
}
