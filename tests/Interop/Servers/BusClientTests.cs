namespace Mandos.Interop.Servers;

/// <summary>
/// Our server on a Debian machine's system bus, with busctl and python3-dbus as clients, and with the rules of its package.
/// </summary>
public sealed class BusClientTests : InteropTest
{
    private const string Clients =
        "[testclient]\nhost = localhost\nkey_id = d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23\nsecret = "
            + "c2VjcmV0\nchecker = sleep 1000\n";

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task Busctl_can_list_read_set_and_call(DebianRelease release)
    {
        var bus = await BusMachine.StartAsync(Lab, release, Implementation.Ours, Clients);
        Assert.Equal("/\n/clients\n/clients/testclient\n", await ShellAsync("tree --list se.recompile.Mandos"));
        var members = await ShellAsync("introspect se.recompile.Mandos /clients/testclient");
        Assert.Contains("se.recompile.Mandos.Client", members, StringComparison.Ordinal);
        Assert.Matches(@"\.LastCheckerStatus +property +n +-2 +emits-change", members);
        Assert.Matches(@"\.Secret +property +ay +- +emits-invalidation writable", members);
        await ShellAsync("set-property se.recompile.Mandos /clients/testclient se.recompile.Mandos.Client Timeout t 60000");
        Assert.Equal(
            "t 60000\n", await ShellAsync("get-property se.recompile.Mandos /clients/testclient se.bsnet.fukt.Mandos.Client Timeout"));
        Assert.Equal("q 8888\n", await ShellAsync("get-property se.recompile.Mandos / dotnet.Mandos.Server Port"));
        Assert.Equal(
            "o \"/clients/new_20one\"\n",
            await ShellAsync(
                $"call se.recompile.Mandos / dotnet.Mandos.Server AddClient 'sa{{sv}}ay' 'new one' 2 KeyID s {new string('1', 64)} "
                    + "Enabled b false 3 1 2 3"));
        await ShellAsync("call se.recompile.Mandos / se.recompile.Mandos RemoveClient o /clients/testclient");
        Assert.Equal("ao 1 \"/clients/new_20one\"\n", await ShellAsync("call se.bsnet.fukt.Mandos / se.bsnet.fukt.Mandos GetAllClients"));

        Task<string> ShellAsync(string command) => bus.Machine.ShellAsync($"busctl --system --no-pager {command}", Token);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task An_error_of_the_bus_library_in_one_call_does_not_close_the_connection(DebianRelease release)
    {
        var bus = await BusMachine.StartAsync(Lab, release, Implementation.Ours, Clients);
        const string owner = "busctl --system call org.freedesktop.DBus / org.freedesktop.DBus GetNameOwner s se.recompile.Mandos";
        var before = await bus.Machine.ShellAsync(owner, Token);

        // libsystemd answers this call itself, from a file that is not there.
        await bus.Machine.ShellAsync(
            "rm -f /etc/machine-id /var/lib/dbus/machine-id; ! busctl --system --timeout=3 call se.recompile.Mandos / "
                + "org.freedesktop.DBus.Peer GetMachineId",
            Token);

        Assert.Equal(before, await bus.Machine.ShellAsync(owner, Token));
        Assert.Equal("b true", await bus.PropertyAsync("testclient", "Enabled"));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Python3_dbus_gets_the_types_that_programs_for_the_original_rely_on(DebianRelease release)
    {
        var bus = await BusMachine.StartAsync(Lab, release, Implementation.Ours, Clients);
        bus.Machine.WriteFile("/root/look.py", """
            import dbus
            bus = dbus.SystemBus()
            server = bus.get_object("se.recompile.Mandos", "/")
            objects = dbus.Interface(server, "org.freedesktop.DBus.ObjectManager").GetManagedObjects()
            for name, value in sorted(objects["/clients/testclient"]["se.recompile.Mandos.Client"].items()):
                print(name, type(value).__name__)
            client = bus.get_object("se.recompile.Mandos", "/clients/testclient")
            properties = dbus.Interface(client, dbus.PROPERTIES_IFACE)
            properties.Set("se.recompile.Mandos.Client", "Interval", 90000)
            properties.Set("se.recompile.Mandos.Client", "Secret", dbus.ByteArray(b"other"))
            print(int(properties.Get("se.recompile.Mandos.Client", "Interval")))
            try:
                properties.Get("se.recompile.Mandos.Client", "Secret")
            except dbus.exceptions.DBusException as e:
                print(e.get_dbus_name())
            """);
        IEnumerable<string> types = Golden.Text("dbus/managed-objects-testclient.txt")
            .Split('\n')
            .Select(l => l.Trim().Split(' '))
            .Where(l => l.Length > 1)
            .Select(l => $"{l[0]} {l[1]}")
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(
            types.Concat(["90000", "org.freedesktop.DBus.Error.AccessDenied"]),
            (await bus.Machine.ShellAsync("python3 /root/look.py", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_bus_policy_admits_only_root_and_the_servers_user()
    {
        var bus = await BusMachine.StartAsync(Lab, DebianRelease.Trixie, Implementation.Ours, Clients);
        const string call = "busctl --system call se.recompile.Mandos / se.recompile.Mandos GetAllClients";
        Assert.Equal("ao 1 \"/clients/testclient\"\n", await bus.Machine.ShellAsync(call, Token));
        Assert.Equal(
            "ao 1 \"/clients/testclient\"\n",
            await bus.Machine.ShellAsync($"setpriv --reuid=_mandos --regid=_mandos --clear-groups {call}", Token));
        var refused = await bus.Machine.ShellAsync($"setpriv --reuid=65534 --regid=65534 --clear-groups {call} 2>&1 || true", Token);
        Assert.Contains("denied", refused, StringComparison.OrdinalIgnoreCase);
        var owning = await bus.Machine.ShellAsync(
            "setpriv --reuid=65534 --regid=65534 --clear-groups busctl --system call org.freedesktop.DBus / org.freedesktop.DBus "
                + "RequestName su se.recompile.Mandos 0 2>&1 || true",
            Token);
        Assert.Contains("denied", owning, StringComparison.OrdinalIgnoreCase);

        // What the bus lets everybody do, a signal to us, does nothing; this one has a text that libsystemd does not take.
        const string owner = "busctl --system call org.freedesktop.DBus / org.freedesktop.DBus GetNameOwner s se.recompile.Mandos";
        var before = await bus.Machine.ShellAsync(owner, Token);
        await bus.Machine.ShellAsync(
            "setpriv --reuid=65534 --regid=65534 --clear-groups dbus-send --system --dest=se.recompile.Mandos --type=signal / a.b.C "
                + "string:$(printf '\\357\\267\\220')",
            Token);
        Assert.Equal("ao 1 \"/clients/testclient\"\n", await bus.Machine.ShellAsync(call, Token));
        Assert.Equal(before, await bus.Machine.ShellAsync(owner, Token));
    }

    [Fact]
    public async Task The_server_survives_a_restart_of_the_bus_and_a_start_before_the_bus()
    {
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        var server = await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = Clients }, Token);
        await server.Process.WaitForLineAsync("not on the system bus", TimeSpan.FromSeconds(20), Token);
        await SystemBus.StartAsync(machine, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        Assert.Equal("b true", await bus.PropertyAsync("testclient", "Enabled"));
        (await bus.ControlAsync("--disable", "testclient")).OrThrow();
        machine.Running("dbus-daemon").Signal("KILL");
        await server.Process.WaitForLineAsync("not on the system bus", TimeSpan.FromSeconds(20), Token);
        await SystemBus.StartAsync(machine, Token);
        await bus.WaitForNameAsync();
        Assert.Equal("b false", await bus.PropertyAsync("testclient", "Enabled"));
    }

    [Fact]
    public async Task Without_libsystemd_there_is_no_D_Bus_interface_and_one_line_is_logged()
    {
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Trixie, Implementation.Ours);
        await machine.ShellAsync("rm /usr/lib/*/libsystemd.so.0*", Token);
        var server = await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = Clients }, Token);
        var line = await server.Process.WaitForLineAsync("D-Bus", TimeSpan.FromSeconds(20), Token);
        Assert.EndsWith("no D-Bus interface until the next restart: libsystemd.so.0 is missing or too old", line, StringComparison.Ordinal);
    }
}
