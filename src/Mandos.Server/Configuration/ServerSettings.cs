using System.Net;
using Mandos.Core.Exchange;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Configuration;

/// <summary>How the server runs: mandos.conf, with the command line over it.</summary>
internal sealed record ServerSettings
{
    internal const string DefaultStateDirectory = "/var/lib/mandos";

    /// <summary>Name of the one interface to use; null for all.</summary>
    internal string? Interface { get; init; }

    /// <summary>The address to listen on; null for all.</summary>
    internal IPAddress? Address { get; init; }

    /// <summary>The TCP port; 0 for any free one.</summary>
    internal int Port { get; init; }

    /// <summary>What handshakes may use.</summary>
    internal TlsPriority Priority { get; init; } = TlsPriority.ServerDefault;

    /// <summary>The name of the service when it is announced, and in the log.</summary>
    internal string ServiceName { get; init; } = "Mandos";

    /// <summary>Log from this level on.</summary>
    internal LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>Where clients.conf lies.</summary>
    internal string ConfigurationDirectory { get; init; } = CommandLineSettings.DefaultConfigurationDirectory;

    /// <summary>Where the state of the clients is kept.</summary>
    internal string StateDirectory { get; init; } = DefaultStateDirectory;

    /// <summary>A socket that the starter of the program has bound; null if there is none.</summary>
    internal int? Socket { get; init; }

    /// <summary>Sockets that a service manager has bound; none if it has not.</summary>
    internal IReadOnlyList<int> Activated { get; init; } = [];

    /// <summary>What connections may take.</summary>
    internal ConnectionLimits Connections { get; init; } = new();

    /// <summary>Stay in the foreground, and log to stderr.</summary>
    internal bool Foreground { get; init; }

    internal bool Debug { get; init; }

    internal bool UseIPv6 { get; init; } = true;

    internal bool Zeroconf { get; init; } = true;

    /// <summary>Whether to be on the system bus.</summary>
    internal bool UseDBus { get; init; } = true;

    /// <summary>Whether what was saved counts; otherwise all begins as the configuration says.</summary>
    internal bool Restore { get; init; } = true;

    /// <summary>The list of clients; more may be in the folder clients.d beside it.</summary>
    internal string ClientsFile => Path.Combine(ConfigurationDirectory, "clients.conf");
}
