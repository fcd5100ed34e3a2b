using System.Globalization;
using System.Text.Json;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>A server that does a client no good; see the script for what each behaviour is.</summary>
public sealed class HostileServer
{
    private HostileServer(RunningProcess process) => Process = process;

    /// <summary>The program.</summary>
    public RunningProcess Process { get; }

    /// <summary>Starts one.</summary>
    public static async Task<HostileServer> StartAsync(Machine machine, int port, string behaviour, CancellationToken cancellationToken)
    {
        var process = machine.Start(
            new(), "/usr/bin/python3", machine.PutScript("hostile-server.py"), port.ToString(CultureInfo.InvariantCulture), behaviour,
            RecordedHello());
        await machine.WaitForListenerAsync(port, TimeSpan.FromSeconds(10), cancellationToken);
        return new(process);
    }

    /// <summary>Waits until a client has connected.</summary>
    public Task WaitForConnectionAsync(CancellationToken cancellationToken) =>
        Process.WaitForLineAsync("^connection$", TimeSpan.FromSeconds(30), cancellationToken);

    private static string RecordedHello()
    {
        using var recording = JsonDocument.Parse(Golden.Text("handshake/success-p256-aes256gcm.tcp.json"));
        return recording.RootElement.EnumerateArray().First(e => e[1].GetString() == "server->client")[2].GetString()!;
    }
}
