namespace Mandos.Peers.Programs;

/// <summary>How a server is started.</summary>
public sealed record ServerOptions
{
    /// <summary>clients.conf.</summary>
    public required string Clients { get; init; }

    /// <summary>TCP port.</summary>
    public int Port { get; init; } = 8888;

    /// <summary>Whether it makes itself known by mDNS.</summary>
    public bool Zeroconf { get; init; }

    /// <summary>Whether there is a system bus; the original has one in any case.</summary>
    public bool Bus { get; init; }

    /// <summary>Its name in mDNS, if not the default.</summary>
    public string? ServiceName { get; init; }

    /// <summary>False: listens and publishes on IPv4 alone.</summary>
    public bool UseIPv6 { get; init; } = true;

    /// <summary>How many files it may have open to begin with (the soft limit, 1024 for a service); null: as the tests.</summary>
    public int? FileLimit { get; init; }

    /// <summary>How old its files are when it starts: ours reads one that changed within two seconds again at the first reload.</summary>
    public TimeSpan Settling { get; init; }

    /// <summary>Further options of its command line.</summary>
    public IReadOnlyList<string> More { get; init; } = [];
}
