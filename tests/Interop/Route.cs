namespace Mandos.Interop;

/// <summary>The ways by which a client finds its server.</summary>
internal static class Route
{
    public static IReadOnlyList<string> All { get; } = ["IPv4", "IPv6", "link-local", "multicast", "multicast over IPv4"];

    /// <summary>How the server must be started for it.</summary>
    public static ServerOptions Adjust(string route, ServerOptions options) => route switch
    {
        "multicast" => options with { Zeroconf = true },
        "multicast over IPv4" => options with { Zeroconf = true, UseIPv6 = false },
        _ => options,
    };

    /// <summary>The client's options for it.</summary>
    public static async Task<string[]> OptionsAsync(string route, Pair pair, CancellationToken cancellationToken) => route switch
    {
        "IPv4" => [$"--connect={Pair.ServerIPv4}:8888"],
        "IPv6" => [$"--connect=[{Pair.ServerIPv6}]:8888"],
        // A link-local address takes its scope from the one interface.
        "link-local" =>
            [$"--connect={await Switch.LinkLocalAddressAsync(pair.Server, "eth0", cancellationToken)}:8888", "--interface=eth0"],
        _ => ["--interface=eth0"],
    };
}
