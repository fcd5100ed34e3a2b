namespace Mandos.Interop.Servers;

/// <summary>What each thread of the server may do, as /proc shows it.</summary>
public sealed class ServerRightsTests : InteropTest
{
    private const string None = "0000000000000000", ReadAnyFile = "0000000000000004", RawNetwork = "0000000000002000";

    private const string Rights = "+dac_read_search,+net_bind_service,+net_raw";

    [Fact]
    public async Task Started_by_root_one_thread_keeps_the_capability_to_read_files_and_the_checker_threads_pass_on_raw_sockets()
    {
        var machine = await MachineAsync();
        await machine.ShellAsync($"{Implementation.Ours.Server} --port=8888 --no-zeroconf", Token);

        var threads = await ThreadsAsync(machine);
        Assert.All(
            threads, t => Assert.Equal(t.Name switch { "privileged" => ReadAnyFile, "checkers" => RawNetwork, _ => None }, t.Permitted));
        Assert.All(threads, t => Assert.Equal((None, t.Name == "checkers" ? RawNetwork : None), (t.Effective, t.Ambient)));
        Assert.Contains(threads, t => t.Name == "privileged");
        Assert.Contains(threads, t => t.Name == "checkers");
    }

    [Fact]
    public async Task Started_by_systemd_as_its_own_user_all_but_the_privileged_thread_keep_only_raw_sockets()
    {
        var machine = await MachineAsync();
        // As its unit has it started: ports and files that only root could have.
        await machine.ShellAsync(
            $"setpriv --reuid=_mandos --regid=_mandos --clear-groups --no-new-privs --inh-caps=-all,{Rights} "
                + $"--bounding-set=-all,{Rights} --ambient-caps=-all,{Rights} "
            + $"{Implementation.Ours.Server} --foreground --port=88 --no-zeroconf >/dev/null 2>&1 & echo $! >/run/mandos.pid; for i "
                + "in $(seq 100); do ss -ltn | grep -q ':88 ' && exit; sleep 0.1; done; exit 1",
            Token);

        var threads = await ThreadsAsync(machine);
        Assert.All(threads, t => Assert.Equal(t.Name == "privileged" ? ReadAnyFile : RawNetwork, t.Permitted));
        Assert.All(threads, t => Assert.Equal((None, t.Name == "privileged" ? None : RawNetwork), (t.Effective, t.Ambient)));
        await machine.ShellAsync("kill $(cat /run/mandos.pid)", Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData(
        $"chown -R _mandos /etc/mandos /var/lib/mandos; setpriv --reuid=_mandos --regid=_mandos --clear-groups --no-new-privs "
            + $"--inh-caps=-all,{Rights} --bounding-set=-all,{Rights} --ambient-caps=-all,{Rights} ")]
    public async Task A_checker_runs_as_the_user_of_the_server_but_cannot_access_its_state(string asItsUnitDoes)
    {
        var machine = await MachineAsync();
        machine.WriteFile("/root/look", """
            cat /var/lib/mandos/store.key && echo key
            cat /var/lib/mandos/clients.sqlite && echo store
            rm /var/lib/mandos/clients.sqlite && echo removed
            touch /var/lib/mandos/new && echo made
            cat /etc/mandos/clients.conf && echo clients
            kill -0 $(cat /run/mandos.pid) && echo signal
            id -un
            grep -h Cap /proc/self/status | sed -n 's/CapPrm:\t//p'
            cat /etc/hosts >/dev/null && echo hosts
            cat /etc/mandos/mandos.conf >/dev/null && echo settings
            """);
        await machine.ShellAsync(
            $"chown _mandos /etc/mandos/clients.conf; mkdir -m 1777 -p /tmp; cp /root/look /tmp/look; chmod 755 /tmp/look; printf "
                + "'interval = PT1S\nchecker = sh /tmp/look >/tmp/new 2>/tmp/errors; mv /tmp/new /tmp/seen\n' >>/etc/mandos/clients.conf",
            Token);
        await machine.ShellAsync(
            $"mkdir -p -m 700 /var/lib/mandos; chown _mandos /var/lib/mandos; chmod 644 /etc/mandos/mandos.conf; "
                + $"{asItsUnitDoes}{Implementation.Ours.Server} --foreground --port=8888 --no-zeroconf >/dev/null 2>&1 & echo $! "
                    + ">/run/mandos.pid",
            Token);

        var seen = await machine.ShellAsync(
            "for i in $(seq 300); do test -e /tmp/seen && break; sleep 0.1; done; cat /tmp/seen; kill $(cat /run/mandos.pid)", Token);

        Assert.Equal($"_mandos\n{RawNetwork}\nhosts\nsettings\n", seen);
    }

    [Fact]
    public async Task Without_raw_sockets_in_a_container_checkers_are_still_confined()
    {
        var machine = await MachineAsync();
        await machine.ShellAsync(
            "echo 1 0 >/proc/sys/net/ipv4/ping_group_range; mkdir -p -m 700 /var/lib/mandos; chown _mandos /var/lib/mandos", Token);
        await machine.ShellAsync(
            "printf 'interval = PT1S\nchecker = cat /var/lib/mandos/store.key; echo $? >/tmp/new; mv /tmp/new /tmp/seen\n' "
                + ">>/etc/mandos/clients.conf; mkdir -m 1777 -p /tmp",
            Token);
        await machine.ShellAsync(
            $"setpriv --inh-caps=-net_raw --bounding-set=-net_raw {Implementation.Ours.Server} --foreground --port=8888 "
                + "--no-zeroconf >/run/log 2>&1 & echo $! >/run/mandos.pid",
            Token);

        var seen = await machine.ShellAsync(
            "for i in $(seq 300); do test -e /tmp/seen && break; sleep 0.1; done; cat /tmp/seen; kill $(cat /run/mandos.pid); cat /run/log",
            Token);

        Assert.StartsWith("1\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("not kept", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_checkers_cannot_send_pings_warns_at_startup()
    {
        var machine = await MachineAsync();
        await machine.ShellAsync(
            "chown -R _mandos /etc/mandos; mkdir -p /var/lib/mandos; chown _mandos /var/lib/mandos; chmod 700 /var/lib/mandos", Token);

        var log = await machine.ShellAsync(
            "echo 1 0 >/proc/sys/net/ipv4/ping_group_range; timeout 5 setpriv --reuid=_mandos --regid=_mandos --clear-groups "
                + "--no-new-privs --inh-caps=-all --bounding-set=-all "
            + $"{Implementation.Ours.Server} --foreground --port=8888 --no-zeroconf 2>&1 || true",
            Token);

        Assert.Contains("mandos: warning: fping cannot send pings here: the checks of 1 client will fail", log, StringComparison.Ordinal);
    }

    private async Task<Machine> MachineAsync()
    {
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm);
        machine.WriteFile("/etc/mandos/mandos.conf", "");
        machine.WriteFile("/etc/mandos/clients.conf", $"[client]\nkey_id = {new string('a', 64)}\nsecret = aGVsbG8=\n");
        await machine.ShellAsync("chmod 600 /etc/mandos/clients.conf", Token);
        return machine;
    }

    private async Task<List<(string Name, string Permitted, string Effective, string Ambient)>> ThreadsAsync(Machine machine)
    {
        var text = await machine.ShellAsync(
            "for t in /proc/$(cat /run/mandos.pid)/task/*; do tr ' ' _ <$t/comm; sed -n 's/^Cap\\(Prm\\|Eff\\|Amb\\):\\t//p' "
                + "$t/status; done",
            Token);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Chunk(4).Select(c => (c[0], c[1], c[2], c[3]))];
    }
}
