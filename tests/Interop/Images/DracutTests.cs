namespace Mandos.Interop.Images;

/// <summary>What the dracut module puts into an initramfs, with the real dracut of both releases.</summary>
public sealed class DracutTests : InteropTest
{
    private const string AskingLibrary = "/lib/dracut-crypt-lib.sh";

    private const string Hook = """
        #!/bin/sh
        case "$1:$MODE" in
            files:files) echo /usr/bin/tac; echo /etc/hostname /etc/name-for-hook; echo /no/such/file ;;
            modules:modules) echo tun; echo no_such_module ;;
        esac
        """;

    private static readonly string[] Keys =
    [
        "/etc/mandos d 0755 0:0",
        "/etc/mandos/keys d 0700 0:0",
        "/etc/mandos/keys/pubkey.txt f 0600 0:0",
        "/etc/mandos/keys/seckey.txt f 0600 0:0",
        "/etc/mandos/keys/tls-privkey.pem f 0600 0:0",
        "/etc/mandos/keys/tls-pubkey.pem f 0600 0:0",
    ];

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task With_systemd_the_initramfs_image_has_the_agent_its_units_keys_and_local_additions(DebianRelease release)
    {
        var client = await DracutMachine.StartAsync(Lab, release);
        client.PutFile(
            "/etc/systemd/system/ask-password-mandos.service.d/local.conf",
            "[Service]\nEnvironment=MANDOS_CLIENT_OPTIONS=--interface=eth0\n");
        client.PutProgram("/etc/mandos/network-hooks.d/50-test", Hook);
        client.PutFile("/etc/mandos/network-hooks.d/50-test.conf", "");
        client.PutFile("/etc/mandos/network-hooks.d/50-test~", "");
        client.PutProgram("/etc/mandos/plugin-helpers/helper", "#!/bin/sh\n");
        client.PutFile("/etc/hostname", "client\n");
        client.PutFile($"{KeySet.Folder}/seckey.txt~", "old");
        // An image that every user could read is replaced.
        client.PutFile("/boot/initrd.img", "");
        var image = await client.MakeImageAsync(Token, "--hostonly");

        Assert.Equal(
            [
                "/etc/cmdline.d/90-mandos-modules.conf f 0644 0:0",
                .. Keys,
                "/etc/systemd/system/ask-password-mandos.service.d d 0755 0:0",
                "/etc/systemd/system/ask-password-mandos.service.d/local.conf f 0644 0:0",
                "/usr/lib/mandos d 0755 0:0",
                "/usr/lib/mandos/mandos-client f 0755 0:0",
                "/usr/lib/mandos/network-hooks.d d 0755 0:0",
                "/usr/lib/mandos/network-hooks.d/50-test f 0755 0:0",
                "/usr/lib/mandos/network-hooks.d/50-test.conf f 0644 0:0",
                "/usr/lib/mandos/password-agent l 0777 0:0 mandos-client",
                "/usr/lib/mandos/plugin-helpers d 0755 0:0",
                "/usr/lib/mandos/plugin-helpers/helper f 0755 0:0",
                "/usr/lib/systemd/system/ask-password-mandos.path f 0644 0:0",
                "/usr/lib/systemd/system/ask-password-mandos.service f 0644 0:0",
                "/usr/lib/systemd/system/ask-password-mandos.service.d d 0755 0:0",
                "/usr/lib/systemd/system/ask-password-mandos.service.d/00-image.conf f 0644 0:0",
                "/usr/lib/systemd/system/sysinit.target.wants/ask-password-mandos.path l 0777 0:0 ../ask-password-mandos.path",
            ],
            image.Ours.Where(f => !f.Contains("20-mandos-cmdline.sh", StringComparison.Ordinal)));
        // Where hooks of dracut are depends on its version; this path leads there in both.
        Assert.Contains("mandos_obey_command_line", image.Text("/lib/dracut/hooks/cmdline/20-mandos-cmdline.sh"), StringComparison.Ordinal);
        Assert.Equal("rd.driver.pre=tun\n", image.Text("/etc/cmdline.d/90-mandos-modules.conf"));
        Assert.Contains(image.Files, f => f.Contains("/drivers/net/tun.ko", StringComparison.Ordinal));
        Assert.Equal("client\n", image.Text("/etc/name-for-hook"));
        Assert.Contains(image.Files, f => f.StartsWith("/usr/bin/tac ", StringComparison.Ordinal));
        Assert.Contains("a network hook requests the file /no/such/file", image.Said, StringComparison.Ordinal);
        Assert.Contains("a network hook requests the module no_such_module", image.Said, StringComparison.Ordinal);
        Assert.DoesNotContain(
            image.Files, f => f.Contains("/bin/gpg", StringComparison.Ordinal) || f.Contains("gnutls", StringComparison.Ordinal));
        Assert.Equal("0600\n", await client.Machine.ShellAsync("find /boot/initrd.img -printf '%#m\\n'", Token));
        Assert.Contains(
            "mandos-client ", await image.ShellAsync("/lib/mandos/mandos-client --version || :", Token), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task With_systemd_the_command_of_the_unit_gets_this_machines_user_and_is_otherwise_unchanged(DebianRelease release)
    {
        var client = await DracutMachine.StartAsync(Lab, release);
        var (user, group) = await client.IdsOfAsync("_mandos", Token);
        var image = await client.MakeImageAsync(Token, "--hostonly", "--no-kernel");

        var unit = image.Text("/usr/lib/systemd/system/ask-password-mandos.service").Replace("\\\n", " ", StringComparison.Ordinal);
        var command = Words(unit.Split('\n').Last(l => l.StartsWith("ExecStart=", StringComparison.Ordinal)));
        var inImage = Words(image.Text("/usr/lib/systemd/system/ask-password-mandos.service.d/00-image.conf").TrimEnd().Split('\n')[^1]);
        Assert.Equal([command[0], $"--user={user}", $"--group={group}", .. command[1..], "$MANDOS_CONNECT_OPTIONS"], inImage);
        Assert.Contains("--", inImage);
        Assert.Equal("ExecStart=/lib/mandos/password-agent", inImage[0]);

        // What systemd itself makes of units and drop-ins.
        var shown = await client.Machine.RunAsync(
            new(), TimeSpan.FromMinutes(1), Token, "/usr/bin/systemd-analyze",
            "verify", $"--root={DracutImage.Folder}", "--man=no", "ask-password-mandos.path", "ask-password-mandos.service");
        Assert.DoesNotContain("ask-password-mandos", shown.Errors, StringComparison.Ordinal);

        static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Without_systemd_the_initramfs_image_has_plugin_runner_and_all_plugins(DebianRelease release)
    {
        var client = await DracutMachine.StartAsync(Lab, release);
        var (user, group) = await client.IdsOfAsync("_mandos", Token);
        // The last line has no end: one in the image, since options may be added there.
        client.PutFile("/etc/mandos/plugin-runner.conf", "--debug # mine");
        client.PutProgram("/etc/mandos/plugins.d/plymouth", "#!/bin/sh\nexit 1\n");
        client.PutProgram("/etc/mandos/plugins.d/my-plugin", "#!/bin/sh\nexit 1\n");
        client.PutProgram("/etc/mandos/plugins.d/my-plugin.dpkg-old", "#!/bin/sh\nexit 1\n");
        var image = await client.MakeImageAsync(Token, "--hostonly", "--no-kernel", DracutMachine.Shell);

        Assert.Equal(
            [
                .. Keys,
                "/etc/mandos/plugin-runner.conf f 0644 0:0",
                "/usr/lib/mandos d 0755 0:0",
                "/usr/lib/mandos/ask-for-password.sh f 0755 0:0",
                "/usr/lib/mandos/mandos-client f 0755 0:0",
                "/usr/lib/mandos/network-hooks.d d 0755 0:0",
                "/usr/lib/mandos/plugin-helpers d 0755 0:0",
                "/usr/lib/mandos/plugin-runner l 0777 0:0 mandos-client",
                "/usr/lib/mandos/plugins.d d 0755 0:0",
                "/usr/lib/mandos/plugins.d/mandos-client l 0777 0:0 ../mandos-client",
                "/usr/lib/mandos/plugins.d/my-plugin f 0755 0:0",
                "/usr/lib/mandos/plugins.d/password-prompt l 0777 0:0 ../mandos-client",
                "/usr/lib/mandos/plugins.d/plymouth f 0755 0:0",
            ],
            image.Ours.Where(f => !f.Contains("20-mandos-cmdline.sh", StringComparison.Ordinal)));
        Assert.Equal(
            "--options-for=mandos-client:--pubkey=/etc/mandos/keys/pubkey.txt,--seckey=/etc/mandos/keys/seckey.txt\n"
            + "--options-for=mandos-client:--tls-pubkey=/etc/mandos/keys/tls-pubkey.pem,--tls-privkey=/etc/mandos/keys/tls-privkey.pem\n"
            + $"--userid={user}\n--groupid={group}\n--debug # mine\n",
            image.Text("/etc/mandos/plugin-runner.conf"));
        // The programs that its scripts call.
        await image.ShellAsync("for p in cp flock mkdir printf timeout tr; do command -v $p; done", Token);

        foreach (var (parameter, replaced) in Parameters)
        {
            await image.ShellAsync(
                $"[ -e /own ] || cp {AskingLibrary} /own; cp /own {AskingLibrary}; rm -rf /run/mandos; {Obey(parameter)}", Token);
            Assert.Equal(replaced, image.Text(AskingLibrary).Contains("ask-for-password.sh", StringComparison.Ordinal));
            // What the units of the other kind of image look for.
            await image.ShellAsync($"{(replaced ? "! " : "")}test -e /run/mandos/off", Token);
        }
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_server_named_on_the_kernel_command_line_reaches_the_client(DebianRelease release)
    {
        var obey = Obey("mandos=connect:[2001:db8::1]:4799");
        var client = await DracutMachine.StartAsync(Lab, release);
        var systemd = await client.MakeImageAsync(Token, "--hostonly", "--no-kernel");
        await systemd.ShellAsync(obey, Token);
        Assert.Equal("rd.neednet=1\n", systemd.Text("/etc/cmdline.d/90-mandos-connect.conf"));
        Assert.Equal("MANDOS_CONNECT_OPTIONS=--connect=[2001:db8::1]:4799\n", systemd.Text("/run/mandos/connect.env"));
        await systemd.ShellAsync($"rm /run/mandos/connect.env; {Obey("mandos=connect:10.0.0.1:1,[::ffff:10.0.0.2]:2")}", Token);
        Assert.Equal("MANDOS_CONNECT_OPTIONS=--server=10.0.0.1:1 --server=[::ffff:10.0.0.2]:2\n", systemd.Text("/run/mandos/connect.env"));
        foreach (var wrong in (string[])["10.0.0.1", "server.example.org:4711", "[fe80::1]"])
        {
            await systemd.ShellAsync(
                $"rm -f /run/mandos/connect.env /etc/cmdline.d/90-mandos-connect.conf; {Obey($"mandos=connect:{wrong}")}; ! test -e "
                    + "/run/mandos/connect.env",
                Token);
            Assert.Equal("rd.neednet=1\n", systemd.Text("/etc/cmdline.d/90-mandos-connect.conf"));
        }

        // Unpacked to the same folder: the image above is gone.
        var shell = await client.MakeImageAsync(Token, "--hostonly", "--no-kernel", DracutMachine.Shell);
        await shell.ShellAsync(obey, Token);
        Assert.EndsWith(
            "\n--options-for=mandos-client:--connect=[2001:db8::1]:4799\n", shell.Text("/etc/mandos/plugin-runner.conf"),
            StringComparison.Ordinal);
    }

    // The kernel takes words apart so, and quotes away.
    private static readonly (string Parameter, bool Replaced)[] Parameters =
    [
        ("mandos=off", false), ("quiet mandos=off ro", false), ("\"mandos=off\"", false), ("mandos=\"off\"", false), ("mandos=no", false),
        ("mandos=0", false), ("mandos=OFF", false),
        ("mandos=connect,off", false), ("quiet", true), ("mandos=on", true), ("xmandos=off", true), ("dyndbg=\"file x mandos=off\"", true),
    ];

    // What dracut does with our hook when the kernel was given this parameter.
    private static string Obey(string parameter) =>
        $"echo {parameter.Replace("\"", "\\\"", StringComparison.Ordinal)} >/etc/cmdline; . /lib/dracut-lib.sh; . "
            + "/lib/dracut/hooks/cmdline/20-mandos-cmdline.sh";
}
