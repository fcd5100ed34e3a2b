using System.Net.Sockets;
using Mandos.Boot.Guests;

namespace Mandos.Boot.Emulation;

/// <summary>A computer that QEMU emulates, on a segment of the laboratory. Its disks are changed only in a temporary file.</summary>
public sealed class VirtualMachine : IAsyncDisposable
{
    private readonly RunningProcess _process;
    private readonly Monitor _monitor;
    private readonly string _folder;

    private VirtualMachine(RunningProcess process, Monitor monitor, GuestConsole console, string folder)
    {
        _process = process;
        _monitor = monitor;
        Console = console;
        _folder = folder;
    }

    /// <summary>Its serial console.</summary>
    public GuestConsole Console { get; }

    /// <summary>When it was switched on.</summary>
    public Sight SwitchedOn { get; private set; } = new(0, 0);

    /// <summary>
    /// Makes one and switches it on. <paramref name="plugged"/>: whether its network has a link. Interpreted
    /// instructions only: nothing is expected of the host's processor.
    /// </summary>
    public static async Task<VirtualMachine> StartAsync(
        Laboratory laboratory, Switch segment, MadeInitramfs initramfs, string commandLine, IReadOnlyList<string> disks,
        bool plugged = true)
    {
        var folder = Directory.CreateTempSubdirectory("mandos-boot-").FullName;
        IEnumerable<string> Arguments(string tap) =>
        [
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-S",
            "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "768",
            "-kernel", initramfs.System.Kernel, "-initrd", initramfs.File, "-append", commandLine,
            .. disks.SelectMany(d => new[] { "-drive", $"file={d},format=raw,if=virtio,snapshot=on" }),
            "-netdev", $"tap,id=cable,ifname={tap},script=no,downscript=no",
            "-device", "virtio-net-pci,id=card,netdev=cable,mac=52:54:00:6d:61:6e,romfile=",
            "-device", "virtio-rng-pci",
            "-serial", $"unix:{folder}/console,server=on,wait=off", "-qmp", $"unix:{folder}/monitor,server=on,wait=off",
        ];
        var process = await segment.StartOnCableAsync(
            new() { Environment = new Dictionary<string, string> { ["TMPDIR"] = folder } }, laboratory.Token, "/usr/bin/qemu-system-x86_64",
            Arguments);
        try
        {
            var console = new GuestConsole(await ConnectAsync($"{folder}/console", process, laboratory.Token), laboratory.Log);
            var monitor = await Monitor.OpenAsync(await ConnectAsync($"{folder}/monitor", process, laboratory.Token), laboratory.Token);
            var machine = new VirtualMachine(process, monitor, console, folder);
            if (!plugged)
                await machine.SetLinkAsync(false, laboratory.Token);
            machine.SwitchedOn = new(0, TimeProvider.System.GetTimestamp());
            await monitor.RunAsync("cont", "{}", laboratory.Token);
            return machine;
        }
        catch
        {
            await process.DisposeAsync();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Plugs the network cable in or pulls it.</summary>
    public Task SetLinkAsync(bool up, CancellationToken cancellationToken) =>
        _monitor.RunAsync("set_link", $$"""{"name":"card","up":{{(up ? "true" : "false")}}}""", cancellationToken);

    /// <summary>Waits until it has turned itself off.</summary>
    public async Task WaitForOffAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        await _process.WaitAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await Console.DisposeAsync();
        _monitor.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<Socket> ConnectAsync(string path, RunningProcess process, CancellationToken cancellationToken)
    {
        var address = new UnixDomainSocketEndPoint(path);
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(address, cancellationToken);
                return socket;
            }
            catch (SocketException) when (!process.HasExited)
            {
                socket.Dispose();
                await Task.Delay(20, cancellationToken);
            }
        }
    }
}
