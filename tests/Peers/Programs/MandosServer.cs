using System.Globalization;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>A Mandos server that runs on a machine, the original's or ours: both read the same files and options.</summary>
public sealed class MandosServer
{
    private MandosServer(RunningProcess process, int port, TimeSpan untilListening)
    {
        Process = process;
        Port = port;
        UntilListening = untilListening;
    }

    /// <summary>The daemon.</summary>
    public RunningProcess Process { get; }

    /// <summary>The TCP port it listens on.</summary>
    public int Port { get; }

    /// <summary>From its start.</summary>
    public TimeSpan UntilListening { get; }

    /// <summary>Starts a server, with what it needs, and waits until it listens, 20 s if no other limit is set.</summary>
    public static async Task<MandosServer> StartAsync(
        Machine machine, Implementation implementation, ServerOptions options, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        const UnixFileMode readable = (UnixFileMode)0b110_100_100;
        machine.WriteFile("/etc/mandos/mandos.conf", "[DEFAULT]\n", readable);
        // No machine is checked for being alive: the checker does nothing, successfully.
        machine.WriteFile("/etc/mandos/clients.conf", $"[DEFAULT]\nchecker = test -d /\n\n{options.Clients}", readable);
        if (implementation == Implementation.Original)
        {
            await SystemBus.StartLogSinkAsync(machine, cancellationToken);
            if (options.Zeroconf)
                await SystemBus.StartAvahiAsync(machine, cancellationToken);
            else
                await SystemBus.StartAsync(machine, cancellationToken);
        }
        else if (options.Bus)
        {
            await SystemBus.StartAsync(machine, cancellationToken);
        }

        await Task.Delay(options.Settling, cancellationToken);
        return await StartAgainAsync(machine, implementation, options, cancellationToken, limit);
    }

    /// <summary>Starts a server on a machine where one ran before, and waits until it listens, as above.</summary>
    public static async Task<MandosServer> StartAgainAsync(
        Machine machine, Implementation implementation, ServerOptions options, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        List<string> arguments =
        [
            "--configdir=/etc/mandos", "--foreground", "--debuglevel=DEBUG",
            $"--port={options.Port.ToString(CultureInfo.InvariantCulture)}",
            .. options.More,
        ];
        if (!options.Zeroconf)
            arguments.Add("--no-zeroconf");
        if (!options.UseIPv6)
            arguments.Add("--no-ipv6");
        if (options.ServiceName is { } name)
            arguments.Add($"--servicename={name}");
        string[] limited = options.FileLimit is { } files
            ? ["/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -S -n {files}; exec \"$0\" \"$@\"")]
            : [];
        string[] command = [.. limited, implementation.Server, .. arguments];
        var began = TimeProvider.System.GetTimestamp();
        var process = machine.Start(new(), command[0], command[1..]);
        await machine.WaitForListenerAsync(options.Port, limit ?? TimeSpan.FromSeconds(20), cancellationToken, process);
        return new(process, options.Port, TimeProvider.System.GetElapsedTime(began));
    }
}
