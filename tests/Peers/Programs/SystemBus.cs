using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>The services of a Debian system that the original's server wants: syslog, the system bus, avahi-daemon.</summary>
public static class SystemBus
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Starts a receiver for /dev/log; its lines are part of the log.</summary>
    public static async Task<RunningProcess> StartLogSinkAsync(Machine machine, CancellationToken cancellationToken)
    {
        var sink = machine.Start(new() { LogOutput = true }, "/usr/bin/python3", machine.PutScript("log-sink.py"));
        await sink.WaitForLineAsync("^ready$", Patience, cancellationToken);
        return sink;
    }

    /// <summary>Starts dbus-daemon as the machine's system bus.</summary>
    public static async Task StartAsync(Machine machine, CancellationToken cancellationToken)
    {
        await machine.ShellAsync("mkdir -p /run/dbus; dbus-uuidgen --ensure=/etc/machine-id", cancellationToken);
        await machine.Start(new(), "/usr/bin/dbus-daemon", "--system", "--nofork", "--nopidfile", "--print-address=2")
            .WaitForLineAsync("^unix:", Patience, cancellationToken);
    }

    /// <summary>Starts avahi-daemon (and the bus before it, if <paramref name="withBus"/>), with the machine's name as host name.</summary>
    public static async Task<RunningProcess> StartAvahiAsync(Machine machine, CancellationToken cancellationToken, bool withBus = true)
    {
        if (withBus)
            await StartAsync(machine, cancellationToken);
        var avahi = machine.Start(new(), "/usr/sbin/avahi-daemon", "--no-rlimits");
        await avahi.WaitForLineAsync("Server startup complete", Patience, cancellationToken);
        return avahi;
    }
}
