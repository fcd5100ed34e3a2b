namespace Mandos.Interop;

/// <summary>A server machine and a client machine on one segment, and the keys of the client.</summary>
/// <param name="Segment">Between them.</param>
/// <param name="Server">10.1.0.1 and fd00:1::1.</param>
/// <param name="Client">10.1.0.2 and fd00:1::2, with the keys where clients look for them.</param>
/// <param name="Keys">The client's.</param>
internal sealed record Pair(Switch Segment, Machine Server, Machine Client, KeySet Keys)
{
    public const string ServerIPv4 = "10.1.0.1";
    public const string ServerIPv6 = "fd00:1::1";

    /// <summary>What a kind of keys begins with whose TLS key is named: its type for mandos-keygen follows.</summary>
    private const string OtherTlsKey = "TLS ";

    /// <summary>
    /// Makes both. <paramref name="keys"/>: <c>RSA-4096</c> (the original's), <c>Curve25519</c> or <c>TLS rsa</c> and its like
    /// (ours).
    /// </summary>
    public static async Task<Pair> MakeAsync(Laboratory laboratory, DebianRelease serverRelease, DebianRelease clientRelease, string keys)
    {
        var segment = await laboratory.SwitchAsync();
        var server = await laboratory.MachineAsync("server", serverRelease, segment, "10.1.0.1/24");
        var client = await laboratory.MachineAsync("client", clientRelease, segment, "10.1.0.2/24");
        await server.ShellAsync("ip address add fd00:1::1/64 dev eth0 nodad", laboratory.Token);
        await client.ShellAsync("ip address add fd00:1::2/64 dev eth0 nodad", laboratory.Token);
        var set = keys == "RSA-4096"
            ? await KeySet.OfOriginalAsync(laboratory, clientRelease)
            : await KeySet.OfOursAsync(
                client, laboratory.Token,
                keys.StartsWith(OtherTlsKey, StringComparison.Ordinal) ? [$"--tls-keytype={keys[OtherTlsKey.Length..]}"] : []);
        set.InstallOn(client);
        return new(segment, server, client, set);
    }

    /// <summary>Starts a server that knows the client and has <paramref name="password"/> for it.</summary>
    public async Task<MandosServer> ServeAsync(
        Implementation implementation, byte[] password, Func<ServerOptions, ServerOptions> adjust, CancellationToken cancellationToken) =>
        await MandosServer.StartAsync(
            Server, implementation, adjust(new() { Clients = await Keys.StanzaAsync(Client, password, cancellationToken) }),
            cancellationToken);

    /// <summary>Starts a server that listens on port 8888 without mDNS.</summary>
    public Task<MandosServer> ServeAsync(Implementation implementation, byte[] password, CancellationToken cancellationToken) =>
        ServeAsync(implementation, password, options => options, cancellationToken);
}
