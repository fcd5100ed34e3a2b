using System.Globalization;

namespace Mandos.Peers.Machines;

/// <summary>One network segment: a bridge in its own network namespace, with a cable to each machine.</summary>
public sealed class Switch : IAsyncDisposable
{
    private readonly Machine _box;
    private int _cables;

    private Switch(Machine box) => _box = box;

    /// <summary>Starts an empty segment.</summary>
    internal static async Task<Switch> StartAsync(string name, Action<string> log, CancellationToken cancellationToken)
    {
        var box = await Machine.StartAsync(name, null, "", log, cancellationToken);
        // Without snooping every multicast packet reaches every port, as on a plain switch; the bridge itself has no address.
        await Host.RunAsync(
            cancellationToken, "nsenter", "--net", "--target", Text(box.ProcessId), "sh", "-euc",
            "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6; ip link add bridge type bridge stp_state 0 mcast_snooping 0; ip "
                + "link set bridge up");
        return new(box);
    }

    /// <summary>
    /// Plugs a machine in. Its interface is down or up with an IPv6 link-local address (usable at once unless
    /// <paramref name="detectDuplicates"/>) and, if given, an IPv4 address with prefix length.
    /// </summary>
    public async Task ConnectAsync(
        Machine machine, CancellationToken cancellationToken, string interfaceName = "eth0", string? address = null, bool up = true,
        bool detectDuplicates = false)
    {
        var port = $"port{_cables++}";
        await Host.RunAsync(
            cancellationToken, "ip", "link", "add", port, "netns", Text(_box.ProcessId), "type", "veth",
            "peer", "name", interfaceName, "netns", Text(machine.ProcessId));
        await Host.RunAsync(
            cancellationToken, "nsenter", "--net", "--target", Text(_box.ProcessId), "ip", "link", "set", port, "master", "bridge", "up");
        var commands = new List<string>();
        if (!detectDuplicates)
            commands.Add($"echo 0 >/proc/sys/net/ipv6/conf/{interfaceName}/accept_dad");
        // No router answers here, and nothing waits for one.
        commands.Add($"echo 0 >/proc/sys/net/ipv6/conf/{interfaceName}/accept_ra");
        if (address is not null)
            commands.Add($"ip address add {address} dev {interfaceName}");
        if (up)
            commands.Add($"ip link set {interfaceName} up");
        await Host.RunAsync(
            cancellationToken, "nsenter", "--net", "--target", Text(machine.ProcessId), "sh", "-euc", string.Join("; ", commands));
        if (up)
            await LinkLocalAddressAsync(machine, interfaceName, cancellationToken);
    }

    /// <summary>
    /// Starts a program beside the segment, with the host's files, that holds the other end of a cable: a network device
    /// (tap) whose name <paramref name="arguments"/> gets. It ends with the segment.
    /// </summary>
    public async Task<RunningProcess> StartOnCableAsync(
        ProcessOptions options, CancellationToken cancellationToken, string file, Func<string, IEnumerable<string>> arguments)
    {
        var port = $"port{_cables++}";
        await Host.RunAsync(
            cancellationToken, "nsenter", "--net", "--target", Text(_box.ProcessId), "sh", "-euc",
            $"ip tuntap add dev {port} mode tap; ip link set {port} master bridge up");
        return _box.Start(options, file, arguments(port));
    }

    /// <summary>The usable (no longer tentative) link-local address of an interface, without scope; waits for it.</summary>
    public static async Task<string> LinkLocalAddressAsync(Machine machine, string interfaceName, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Patience.AtLeast(TimeSpan.Zero))
        {
            // address, index, prefix length, scope (20: link), flags (40: tentative), name
            foreach (var line in await File.ReadAllLinesAsync($"/proc/{machine.ProcessId}/net/if_inet6", cancellationToken))
            {
                var field = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (field[5] == interfaceName
                    && field[3] == "20"
                    && (int.Parse(field[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 0x40) == 0)
                    return new System.Net.IPAddress(Convert.FromHexString(field[0])).ToString();
            }

            await Task.Delay(10, cancellationToken);
        }

        throw new TimeoutException($"{interfaceName} of {machine.Name} got no link-local address");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _box.DisposeAsync();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
