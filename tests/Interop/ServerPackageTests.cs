using System.Globalization;

namespace Mandos.Interop;

/// <summary>mandos-dotnet installed, switched to and from, purged; and its unit.</summary>
public sealed class ServerPackageTests : InteropTest
{
    private const string Installed = "install ok installed";
    private const string Enabled = "/etc/systemd/system/multi-user.target.wants/mandos.service";

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task One_command_of_the_readme_installs_it_and_a_purge_leaves_nothing_behind(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        var before = await machine.SnapshotAsync();
        await machine.RunAsync(ReadmeCommands.Of("Install", "server#").Single());
        Assert.Equal(Installed, await machine.StatusAsync(PublishedPackages.Server));
        Assert.Equal(
            "600 root root\n644 root root\n700 _mandos _mandos\n",
            await machine.RunAsync("stat -c '%a %U %G' /etc/mandos/clients.conf /etc/mandos/mandos.conf /var/lib/mandos"));
        Assert.Equal("/etc/mandos/clients.conf: 0 clients, 0 of them enabled\n", await machine.RunAsync("mandos --check-config"));
        await machine.RunAsync($"test -L {Enabled}");

        await machine.RunAsync("mkdir /etc/mandos/clients.d; echo '[a]' >/etc/mandos/clients.d/a.conf");
        await machine.RunAsync("apt remove mandos-dotnet; test -e /etc/mandos/clients.conf; test -e /etc/mandos/clients.d/a.conf; apt purge mandos-dotnet");
        Assert.Equal(before, await machine.SnapshotAsync());
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_switch_keeps_configuration_state_and_whether_the_service_is_enabled_both_ways(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync($"apt install mandos; echo '# mine' >>/etc/mandos/clients.conf; echo state >/var/lib/mandos/state; test -L {Enabled}");
        var commands = ReadmeCommands.Of("Switch from the original, and back", "server#");
        Assert.Equal(2, commands.Count);
        await machine.RunAsync(commands[0]);
        await AssertKeptAsync(PublishedPackages.Server);
        await machine.RunAsync(commands[1]);
        await AssertKeptAsync("mandos");
        await machine.RunAsync("apt purge mandos-dotnet");
        await AssertKeptAsync("mandos");

        async Task AssertKeptAsync(string package)
        {
            Assert.Equal(Installed, await machine.StatusAsync(package));
            Assert.EndsWith("# mine\n", machine.Text("/etc/mandos/clients.conf"), StringComparison.Ordinal);
            Assert.Equal("600\n", await machine.RunAsync("stat -c %a /etc/mandos/clients.conf"));
            Assert.Equal("state\n", machine.Text("/var/lib/mandos/state"));
            await machine.RunAsync($"test -L {Enabled}; test -e /usr/lib/systemd/system/mandos.service");
        }
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_service_that_was_disabled_stays_so(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync($"apt install mandos; systemctl disable mandos.service; test ! -e {Enabled}");
        await machine.RunAsync($"apt install ./artifacts/deb/mandos-dotnet_*.deb; test ! -e {Enabled}");
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_switch_by_dpkg_alone_does_not_lose_the_unit(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync("apt install mandos; dpkg --install artifacts/deb/mandos-dotnet_*.deb");
        Assert.Equal(Installed, await machine.StatusAsync(PublishedPackages.Server));
        Assert.DoesNotContain("missing", await machine.RunAsync("dpkg --verify mandos-dotnet | grep -v /usr/share/man || :"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_unit_is_sound_and_its_sandbox_tight(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync("apt install ./artifacts/deb/mandos-dotnet_*.deb");
        Assert.Empty(await machine.RunAsync("systemd-analyze --man=no verify mandos.service"));
        var said = await machine.RunAsync("systemd-analyze security --offline=yes --no-pager mandos.service | grep 'Overall exposure'");
        var exposure = double.Parse(said.Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
        Assert.InRange(exposure, 0, 2);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_unit_allows_every_system_call_that_the_server_makes(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync("apt install ./artifacts/deb/mandos-dotnet_*.deb");
        var allowed = await AllowedAsync(machine, "@system-service");
        Assert.Contains("read", allowed);
        Assert.DoesNotContain("mount", allowed);
        await using (var server = machine.Machine.Start(
            new(), "/usr/bin/strace", "-f", "-qq", "-o", "/root/trace", "/usr/sbin/mandos", "--foreground", "--port=8888"))
        {
            await machine.Machine.WaitForListenerAsync(8888, TimeSpan.FromSeconds(40), Token, server);
            await machine.RunAsync("bash -c 'echo 1 >/dev/tcp/127.0.0.1/8888'; sleep 1; pkill -TERM -x mandos");
            await server.WaitAsync(TimeSpan.FromSeconds(20), Token);
        }

        var calls = machine.Text("/root/trace").Split('\n')
            .Select(l => l.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries) is [_, var call] && call.IndexOf('(') is > 0 and var end ? call[..end] : "")
            .Where(c => c.Length > 0 && char.IsAsciiLetterLower(c[0])).Distinct().ToList();
        Assert.Contains("setresuid", calls);
        Assert.Empty(calls.Except(allowed));
        // MemoryDenyWriteExecute=
        Assert.DoesNotContain(machine.Text("/root/trace").Split('\n'), l => l.Contains("PROT_WRITE|PROT_EXEC", StringComparison.Ordinal));
    }

    private static async Task<HashSet<string>> AllowedAsync(PackageMachine machine, string set)
    {
        var names = new HashSet<string>();
        var said = await machine.RunAsync($"systemd-analyze --no-pager syscall-filter {set}");
        foreach (var name in said.Split('\n').Where(l => l.StartsWith("    ", StringComparison.Ordinal)).Select(l => l.Trim()).Where(l => !l.StartsWith('#')))
        {
            if (name.StartsWith('@'))
                names.UnionWith(await AllowedAsync(machine, name));
            else
                names.Add(name);
        }

        return names;
    }
}
