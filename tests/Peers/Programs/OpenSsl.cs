using Mandos.Peers.Keys;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>openssl s_client and s_server (3.5, of Debian 13) with raw public keys, on the loopback address.</summary>
public static class OpenSsl
{
    /// <summary>Connects, sends <paramref name="input"/>, then closes as TLS wants it.</summary>
    public static RunningProcess Client(Machine machine, int port, byte[] input, params IEnumerable<string> options) =>
        machine.Start(
            new() { Input = input, LogOutput = true }, "/usr/bin/openssl",
            ["s_client", "-connect", $"127.0.0.1:{port}", "-noservername", "-enable_server_rpk", "-nocommands", .. options]);

    /// <summary>Serves one connection with a client's TLS key; what it receives is in its output.</summary>
    public static async Task<RunningProcess> ServerAsync(
        Machine machine, int port, CancellationToken cancellationToken, params IEnumerable<string> options)
    {
        // It wants a certificate beside the key although only the key is sent.
        await machine.ShellAsync(
            $"openssl req -x509 -new -key {KeySet.Folder}/tls-privkey.pem -subj /CN=unused -out /run/laboratory/unused.pem",
            cancellationToken);
        var server = machine.Start(
            new() { Input = null, LogOutput = true }, "/usr/bin/openssl",
            [
                "s_server", "-accept", $"127.0.0.1:{port}", "-naccept", "1", "-enable_server_rpk", "-tls1_3", "-num_tickets", "0",
                "-key", $"{KeySet.Folder}/tls-privkey.pem", "-cert", "/run/laboratory/unused.pem", .. options,
            ]);
        await machine.WaitForListenerAsync(port, TimeSpan.FromSeconds(10), cancellationToken);
        return server;
    }
}
