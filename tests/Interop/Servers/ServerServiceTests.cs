using Mandos.Interop.Packaging;

namespace Mandos.Interop.Servers;

/// <summary>mandos-dotnet on a machine that systemd does not run: its init script, and the state on the way there and back.</summary>
public sealed class ServerServiceTests : InteropTest
{
    private const string Script = "/etc/init.d/mandos";
    private const string Process = "cat /run/mandos.pid";

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task The_init_script_starts_stops_reloads_and_reports_status(DebianRelease release)
    {
        var machine = await InstalledAsync(release);
        var before = await machine.RunAsync(Process);
        await machine.RunAsync("dpkg --install artifacts/deb/mandos-dotnet_*.deb");
        Assert.NotEqual(before, await machine.RunAsync($"{Script} status >/dev/null; {Process}"));
        await machine.RunAsync($"{Script} stop; {Script} stop");
        Assert.Equal("mandos is not running\n3\n", await machine.RunAsync($"{Script} status || echo $?"));
        await machine.RunAsync($"{Script} start; {Script} start");
        Assert.Equal("mandos is running\n", await machine.RunAsync($"{Script} status"));
        var process = await machine.RunAsync(Process);
        Assert.Equal("_mandos\n", await machine.RunAsync($"ps -o user= -p $({Process})"));
        await machine.RunAsync(
            $"echo '[two]\nkey_id = {new string('b', 64)}\nsecret = AAAA' >>/etc/mandos/clients.conf; {Script} reload; {Script} "
                + "force-reload");
        Assert.Contains(
            "mandos: error: /etc/mandos/clients.conf",
            await machine.RunAsync($"echo '[broken' >>/etc/mandos/clients.conf; ! {Script} reload; sed -i '$d' /etc/mandos/clients.conf"),
            StringComparison.Ordinal);
        Assert.Equal(process, await machine.RunAsync(Process));
        await machine.RunAsync($"{Script} restart");
        Assert.NotEqual(process, await machine.RunAsync(Process));
        Assert.Equal("2\n", await machine.RunAsync($"{Script} nonsense >/dev/null 2>&1 || echo $?"));
        await machine.RunAsync($"kill -KILL $({Process}); sleep 1");
        Assert.Equal("mandos is not running, but /run/mandos.pid exists\n1\n", await machine.RunAsync($"{Script} status || echo $?"));
        await machine.RunAsync(
            $"printf 'CONFIGDIR=/srv\nDAEMON_ARGS=\"--servicename=Vault --port=8889\"\n' >/etc/default/mandos; {Script} start; tr "
                + $"'\\0' ' ' </proc/$({Process})/cmdline | grep -- '--configdir=/srv --servicename=Vault --port=8889'");
        await machine.RunAsync("rm /etc/default/mandos; apt remove mandos-dotnet; ! ps -C mandos -o stat= | grep -v Z");
        await machine.RunAsync($"test ! -e {Script}; ! ls /etc/rc?.d/*mandos");
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_client_disabled_at_run_time_stays_disabled_when_switching_from_the_original_and_back(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync("rm -f /etc/machine-id");
        await SystemBus.StartLogSinkAsync(machine.Machine, Token);
        await SystemBus.StartAsync(machine.Machine, Token);
        await machine.RunAsync("apt install mandos");
        WriteConfiguration(machine);
        await RunOriginalAsync(machine, "mandos-ctl --disable two");

        await machine.RunAsync($"apt install ./artifacts/deb/mandos-dotnet_*.deb; {Script} restart");
        Assert.Equal("b true\nb false\n", await EnabledAsync(machine));
        await machine.RunAsync(
            "busctl set-property se.recompile.Mandos /clients/one se.recompile.Mandos.Client Enabled b false; busctl set-property "
                + "se.recompile.Mandos /clients/two se.recompile.Mandos.Client Enabled b true");

        await machine.RunAsync($"{Script} stop; apt install mandos");
        await RunOriginalAsync(machine, "! mandos-ctl --is-enabled one; mandos-ctl --is-enabled two");
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_purge_removes_our_store_and_its_key_even_if_the_original_keeps_the_rest(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync("apt install mandos");
        WriteConfiguration(machine);
        await machine.RunAsync(
            $"apt install ./artifacts/deb/mandos-dotnet_*.deb; {Script} restart; ls /var/lib/mandos/clients.sqlite "
                + "/var/lib/mandos/store.key");
        var said = await machine.RunAsync($"{Script} stop; apt purge mandos-dotnet");
        Assert.Contains("are kept: Debian's package mandos uses them too", said, StringComparison.Ordinal);
        Assert.Equal("clients.pickle\n", await machine.RunAsync("ls -A /var/lib/mandos"));
        await machine.RunAsync("grep -q one /etc/mandos/clients.conf; test -e /etc/init.d/mandos");
    }

    private async Task<PackageMachine> InstalledAsync(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        // Where systemd does not run, services are started by packages only if the policy allows it.
        machine.Machine.WriteFile("/usr/sbin/policy-rc.d", "#!/bin/sh\n", (UnixFileMode)0b111_101_101);
        await machine.RunAsync($"apt install ./artifacts/deb/mandos-dotnet_*.deb; {Script} status");
        return machine;
    }

    private static void WriteConfiguration(PackageMachine machine)
    {
        machine.Machine.WriteFile("/etc/mandos/mandos.conf", "[DEFAULT]\nport = 8888\nzeroconf = no\n", (UnixFileMode)0b110_100_100);
        (string Name, char Key)[] clients = [("one", 'a'), ("two", 'b')];
        machine.Machine.WriteFile(
            "/etc/mandos/clients.conf",
            string.Concat(
                clients.Select(
                    c =>
                        $"[{c.Name}]\nchecker = true\nkey_id = {new string(c.Key, 64)}\nfingerprint = {new string('0', 40)}\nsecret "
                            + "= AAAA\n")),
            (UnixFileMode)0b110_100_100);
    }

    private static Task<string> EnabledAsync(PackageMachine machine) => machine.RunAsync("""
        for i in $(seq 100); do busctl status se.recompile.Mandos >/dev/null 2>&1 && break; sleep 0.1; done
        for c in one two; do busctl get-property se.recompile.Mandos /clients/$c se.recompile.Mandos.Client Enabled; done
        """);

    /// <summary>From its start to its clean stop, with an administrator in between.</summary>
    private static async Task RunOriginalAsync(PackageMachine machine, string commands)
    {
        await using var server = machine.Machine.Start(new(), "/usr/sbin/mandos", "--foreground");
        await machine.Machine.WaitForListenerAsync(8888, TimeSpan.FromSeconds(60), Token, server);
        await machine.RunAsync($"{commands}; pkill -TERM -o -f /usr/sbin/mandos");
        await server.WaitAsync(TimeSpan.FromSeconds(60), Token);
    }
}
