namespace Mandos.Server.Configuration;

/// <summary>What was said on the command line; null and false where nothing was.</summary>
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

    /// <summary>Sockets of a service manager (<see cref="SocketActivation"/>): as good as an option.</summary>
    internal IReadOnlyList<int> Activated { get; init; } = [];

    internal bool Debug { get; init; }

    internal bool Foreground { get; init; }

    internal bool NoDBus { get; init; }

    internal bool NoIPv6 { get; init; }

    internal bool NoRestore { get; init; }

    internal bool NoZeroconf { get; init; }

    /// <summary>Only check the configuration and print what is wrong with it.</summary>
    internal bool CheckConfiguration { get; init; }

    /// <summary>Beside that, run the checker of each client that is new.</summary>
    internal bool TriesCheckers { get; init; } = true;

    /// <summary>Only test the program itself.</summary>
    internal bool CheckSelf { get; init; }
}
