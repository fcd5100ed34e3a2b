using Mandos.Peers.Chroots;
using Mandos.Peers.Machines;

namespace Mandos.Peers;

/// <summary>Machines and segments of one experiment; all end with it.</summary>
public sealed class Laboratory(Action<string> log, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    /// <summary>True if this process may make machines.</summary>
    public static bool MayWork => Environment.IsPrivilegedProcess;

    /// <summary>Ends every wait in the laboratory.</summary>
    public CancellationToken Token => cancellationToken;

    /// <summary>Tells what happens.</summary>
    public Action<string> Log => log;

    /// <summary>Starts a machine with a Debian root.</summary>
    public async Task<Machine> MachineAsync(string name, DebianRelease release) =>
        await MachineAsync(name, await Chroot.GetAsync(release, cancellationToken));

    /// <summary>Starts a machine with the files of a folder, changed only in memory, as its root.</summary>
    public async Task<Machine> MachineAsync(string name, string root) =>
        Keep(await Machine.StartAsync(name, root, PublishedPrograms.Folder, log, cancellationToken));

    /// <summary>Starts a machine without our programs: they are to be installed from packages.</summary>
    public async Task<Machine> FreshMachineAsync(string name, string root) =>
        Keep(await Machine.StartAsync(name, root, "", log, cancellationToken));

    /// <summary>Starts a machine with a Debian root and plugs it in.</summary>
    public async Task<Machine> MachineAsync(string name, DebianRelease release, Switch segment, string? address = null)
    {
        var machine = await MachineAsync(name, release);
        await segment.ConnectAsync(machine, cancellationToken, address: address);
        return machine;
    }

    /// <summary>Starts a machine that has the host's files, and a network and processes of its own; plugs it in.</summary>
    public async Task<Machine> MachineOfHostAsync(string name, Switch segment)
    {
        var machine = Keep(await Machine.StartAsync(name, null, "", log, cancellationToken));
        // sysfs shows the interfaces of the network namespace that it was mounted in.
        await machine.ShellAsync("mount -t sysfs sysfs /sys", cancellationToken);
        await segment.ConnectAsync(machine, cancellationToken);
        return machine;
    }

    /// <summary>Looks at something on the host: a shell command that changes nothing and must succeed.</summary>
    public async Task<string> ShellOnHostAsync(string command)
    {
        await using var running = RunningProcess.Start("host", "/bin/sh", ["-euc", command], new());
        return (await running.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken)).OrThrow().Text;
    }

    /// <summary>Starts a network segment.</summary>
    public async Task<Switch> SwitchAsync(string name = "switch") => Keep(await Switch.StartAsync(name, log, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
            await part.DisposeAsync();
    }

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}
