using System.Globalization;

namespace Mandos.Interop.Packaging;

/// <summary>mandos-dotnet installed, switched to and from, purged; and its unit.</summary>
public sealed class ServerPackageTests : InteropTest
{
    private const string Installed = "install ok installed";
    private const string Enabled = "/etc/systemd/system/multi-user.target.wants/mandos.service";

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task One_command_from_the_readme_installs_the_server_and_a_purge_leaves_nothing_behind(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        var before = await machine.SnapshotAsync();
        await machine.RunAsync(ReadmeCommands.Of("Install", "server#").Single());
        Assert.Equal(Installed, await machine.StatusAsync(PublishedPackages.Server));
        Assert.Equal(
            "600 root root\n644 root root\n700 _mandos _mandos\n",
            await machine.RunAsync("stat -c '%a %U %G' /etc/mandos/clients.conf /etc/mandos/mandos.conf /var/lib/mandos"));
        Assert.Equal("/etc/mandos/clients.conf: 0 clients, 0 enabled\n", await machine.RunAsync("mandos --check-config"));
        await machine.RunAsync($"test -L {Enabled}");

        await machine.RunAsync("mkdir /etc/mandos/clients.d; echo '[a]' >/etc/mandos/clients.d/a.conf");
        // mandos-keygen enroll keeps previous files.
        await machine.RunAsync("for file in clients.conf clients.d/a.conf clients.d/b.conf; do echo x >/etc/mandos/$file.old; done");
        await machine.RunAsync(
            "apt remove mandos-dotnet; test -e /etc/mandos/clients.conf; test -e /etc/mandos/clients.d/a.conf; apt purge mandos-dotnet");
        Assert.Equal(before, await machine.SnapshotAsync());
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_switch_in_either_direction_keeps_configuration_state_and_whether_the_service_is_enabled(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync(
            $"apt install mandos; echo '# mine' >>/etc/mandos/clients.conf; echo state >/var/lib/mandos/state; test -L {Enabled}");
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

    // What the server's user, and so any checker, can put where root's scripts look.
    private const string Traps = """
        apt install ./artifacts/deb/mandos-dotnet_*.deb
        echo precious >/root/precious; mkdir /root/folder; echo precious >/root/folder/file; mknod /root/device b 7 99
        cd /var/lib/mandos
        for name in store.key store.key.new clients.sqlite clients.sqlite-wal clients.sqlite-shm clients.sqlite.x clients.pickle; do
          setpriv --reuid=_mandos --regid=_mandos --clear-groups sh -euc "$PUT"
        done
        cd /
        """;

    public static MatrixTheoryData<DebianRelease, string> PutByAnother => new(DebianRelease.All,
        ["ln -s /root/precious $name", "ln -s /root/folder $name", "ln -s /root/device $name", "ln -s gone $name",
            "mkdir -p $name/a; ln -s /root/folder $name/a/b", "mkfifo $name", "mkdir $name; chmod 0 $name", "touch ./-$name \"./ $name\""]);

    [Theory, MemberData(nameof(PutByAnother))]
    public async Task A_purge_follows_no_link_in_the_state_directory_and_succeeds_whatever_it_contains(DebianRelease release, string put)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync($"export name PUT='{put}'\n{Traps}\napt purge mandos-dotnet; test ! -e /var/lib/mandos");
        Assert.Equal(
            "precious\nprecious\nblock special file\n",
            await machine.RunAsync("cat /root/precious /root/folder/file; stat -c %F /root/device"));
    }

    /// <summary>Where Debian's package has a share in the directory only what is ours alone is removed.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task A_purge_follows_no_link_when_the_originals_package_is_installed(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync($"apt install mandos\nexport name PUT='ln -s /root/folder $name'\n{Traps}\napt purge mandos-dotnet");
        Assert.Equal(
            "precious\nprecious\nclients.pickle\n", await machine.RunAsync("cat /root/precious /root/folder/file; ls /var/lib/mandos"));
    }

    /// <summary>clients.d may have been given to another user, by whom it is not said.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task A_purge_does_not_destroy_the_target_of_a_link_in_the_configuration(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync("""
            apt install ./artifacts/deb/mandos-dotnet_*.deb
            for name in a b c; do echo precious >/root/$name; done
            mkdir /etc/mandos/clients.d; ln -s /root/a /etc/mandos/clients.d/a.conf; mkdir /etc/mandos/clients.d/d.conf
            ln -sf /root/b /etc/mandos/clients.conf; ln -sf /root/c /etc/mandos/mandos.conf
            apt purge mandos-dotnet; test ! -e /etc/mandos
            """);
        Assert.Equal("precious\nprecious\nprecious\n", await machine.RunAsync("cat /root/a /root/b /root/c"));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Switching_to_Debians_server_package_asks_no_question_and_keeps_the_clients_on_a_machine_that_never_had_it(
        DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        await machine.RunAsync("apt install ./artifacts/deb/mandos-dotnet_*.deb; echo '# mine' >>/etc/mandos/clients.conf");
        var said = await machine.RunAsync($"exec </dev/null\n{ReadmeCommands.Of("Switch from the original, and back", "server#")[1]}");
        Assert.Contains("dpkg asks about /etc/mandos/clients.conf and mandos.conf: answer N to keep yours", said, StringComparison.Ordinal);
        Assert.Equal(Installed, await machine.StatusAsync("mandos"));
        Assert.EndsWith("# mine\n", machine.Text("/etc/mandos/clients.conf"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_packages_contain_the_documentation_for_administrators(DebianRelease release)
    {
        var machine = await PackageMachine.StartAsync(Lab, release);
        // Their documents are left out by a setting of this chroot's dpkg alone.
        await machine.RunAsync("""
            for package in mandos-dotnet mandos-client-dotnet; do
              dpkg-deb --fsys-tarfile artifacts/deb/${package}_*.deb | tar -t >list
              for name in README.md SECURITY.md differences.md NEWS.gz changelog.gz copyright; do grep -q "/usr/share/doc/$package/$name$" list; done
            done
            list() { dpkg-deb --fsys-tarfile artifacts/deb/$1_*.deb | tar -t >list; }
            list mandos-dotnet
            for name in dbus.md mandos.cdx.json; do grep -q "/usr/share/doc/mandos-dotnet/$name$" list; done
            list mandos-client-dotnet
            for name in mandos-client.cdx.json mandos-keygen.cdx.json; do grep -q "/usr/share/doc/mandos-client-dotnet/$name$" list; done
            """);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_disabled_service_stays_disabled(DebianRelease release)
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
        Assert.DoesNotContain(
            "missing", await machine.RunAsync("dpkg --verify mandos-dotnet | grep -v /usr/share/man || :"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_unit_is_valid_and_its_sandbox_is_tight(DebianRelease release)
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
            .Select(
                l =>
                    l.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries) is [_, var call] && call.IndexOf('(') is > 0 and var end
                        ? call[..end]
                        : "")
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
        foreach (var name
            in said.Split('\n')
                .Where(l => l.StartsWith("    ", StringComparison.Ordinal))
                .Select(l => l.Trim())
                .Where(l => !l.StartsWith('#')))
        {
            if (name.StartsWith('@'))
                names.UnionWith(await AllowedAsync(machine, name));
            else
                names.Add(name);
        }

        return names;
    }
}
