namespace Mandos.Server.Configuration;

/// <summary>The settings from the command line; null and false if not given.</summary>
internal sealed record CommandLineSettings
{
    internal const string DefaultConfigurationDirectory = "/etc/mandos";

    internal string? Interface { get; init; }

    internal string? Address { get; init; }

    internal int? Port { get; init; }

    internal string? Priority { get; init; }

    internal string? ServiceName { get; init; }

    internal string? DebugLevel { get; init; }

    internal string ConfigurationDirectory { get; init; } = DefaultConfigurationDirectory;

    internal string? StateDirectory { get; init; }

    internal int? Socket { get; init; }

    /// <summary>Sockets from a service manager (<see cref="SocketActivation"/>), which count as an option.</summary>
    internal IReadOnlyList<int> Activated { get; init; } = [];

    internal bool Debug { get; init; }

    internal bool Foreground { get; init; }

    internal bool NoDBus { get; init; }

    internal bool NoIPv6 { get; init; }

    internal bool NoRestore { get; init; }

    internal bool NoZeroconf { get; init; }

    /// <summary>Only check the configuration and print the problems.</summary>
    internal bool CheckConfiguration { get; init; }

    /// <summary>During the check, also run the checker of each new client.</summary>
    internal bool TriesCheckers { get; init; } = true;

    /// <summary>Only test the program itself.</summary>
    internal bool CheckSelf { get; init; }
}
