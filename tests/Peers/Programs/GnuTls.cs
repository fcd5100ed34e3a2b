using Mandos.Peers.Keys;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>gnutls-cli and gnutls-serv as ends of a TLS connection on the loopback address.</summary>
public static class GnuTls
{
    /// <summary>What both of the original's programs use by default.</summary>
    public const string Priority = "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA";

    /// <summary>Connects, sends <paramref name="input"/>, then closes as TLS wants it.</summary>
    public static RunningProcess Client(Machine machine, int port, byte[] input, string priority = Priority) =>
        machine.Start(
            new() { Input = input, LogOutput = true }, "/usr/bin/gnutls-cli",
            "--no-ca-verification", "--disable-sni", $"--priority={priority}", $"--port={port}", "127.0.0.1");

    /// <summary>Serves with a client's TLS key; what it receives is its output.</summary>
    public static async Task<RunningProcess> ServerAsync(
        Machine machine, int port, CancellationToken cancellationToken, string priority = Priority)
    {
        var server = machine.Start(
            new() { Input = null, LogOutput = true }, "/usr/bin/gnutls-serv", "--echo", "--disable-client-cert",
            $"--rawpkkeyfile={KeySet.Folder}/tls-privkey.pem", $"--rawpkfile={KeySet.Folder}/tls-pubkey.pem",
            $"--priority={priority}", $"--port={port}");
        await machine.WaitForListenerAsync(port, TimeSpan.FromSeconds(10), cancellationToken);
        return server;
    }
}
