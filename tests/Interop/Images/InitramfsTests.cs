using System.Text;

namespace Mandos.Interop.Images;

/// <summary>Images of initramfs-tools, made by the distribution's own tools from what `make install` installs.</summary>
public sealed class InitramfsTests : InteropTest
{
    private const string Recorder =
        """
        #!/bin/sh
        { echo "$0 $# $*"; env | grep -E "^(MODE|DEVICE|VERBOSITY|MANDOSNETHOOKDIR|CONNECT|DELAY)=" | sort; id -u; } >>/root/hook-record
        case "$MODE" in
            files) echo /etc/hostname; echo /etc/issue /etc/somewhere/else; echo /usr/bin/strace; echo /nonexistent/file ;;
            modules) echo bridge; echo dummy ;;
        esac
        """;

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(r => r.Suite)];

    public static MatrixTheoryData<DebianRelease, string> UselessKeys => new(DebianRelease.All, UselessKey.All.Select(key => key.Damage));

    /// <summary>Not ours: two programs of dead splash screens, and a helper that is built in.</summary>
    private static readonly string[] Gone =
        ["lib/mandos/plugins.d/splashy", "lib/mandos/plugins.d/usplash", "lib/mandos/plugin-helpers/mandos-client-iprouteadddel"];

    [Theory, MemberData(nameof(Releases))]
    public async Task The_initramfs_image_has_the_same_files_as_the_originals_in_the_same_places(string suite)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Named(suite));
        var machine = initramfs.Machine;
        machine.WriteFile("/etc/hostname", "client\n");
        foreach (var own
            in new[] { "plugins.d/own", "plugins.d/own~", "plugins.d/.own", "plugins.d/own.dpkg-new", "plugin-helpers/helper" })
            machine.WriteFile($"/etc/mandos/{own}", "#!/bin/sh\nexit 1\n", InitramfsMachine.Executable);
        foreach (var hook in new[] { "recorder", "bad name" })
            machine.WriteFile($"/etc/mandos/network-hooks.d/{hook}", Recorder, InitramfsMachine.Executable);
        machine.WriteFile("/etc/mandos/network-hooks.d/recorder.conf", "X=1\n");
        // The last line has no end: one in the image, since options may be added there.
        machine.WriteFile("/etc/mandos/plugin-runner.conf", "--debug");
        await machine.ShellAsync("sed -i 's/^DEVICE=.*/DEVICE=eth7/' /etc/initramfs-tools/initramfs.conf", Token);
        var made = await initramfs.MakeImageAsync(Token);
        Assert.Contains("/nonexistent/file", made.Errors, StringComparison.Ordinal);

        // Modes, owners and places.
        var layout = await initramfs.LayoutAsync(Token);
        var ours = layout.ToDictionary(line => line.Split(' ')[2]);
        foreach (var line in await File.ReadAllLinesAsync(Golden.Path("initramfs/layout.txt"), Token))
        {
            var path = line.Split(' ')[2];
            if (Gone.Contains(path))
                continue;
            Assert.True(ours.ContainsKey(path), $"{path} is not in the image:\n{string.Join('\n', layout)}");
            // Keys of the plugins' user can be read by it while the image is made.
            if (path.StartsWith("conf/conf.d/mandos/", StringComparison.Ordinal) || line.EndsWith("/own", StringComparison.Ordinal))
                Assert.StartsWith(
                    line.Replace("_mandos:_mandos", "root:root", StringComparison.Ordinal), ours[path], StringComparison.Ordinal);
        }

        Assert.DoesNotContain(ours.Keys, path =>
            path.EndsWith("own~", StringComparison.Ordinal) || path.Contains(".own", StringComparison.Ordinal)
            || path.Contains("dpkg", StringComparison.Ordinal) || path.Contains("bad", StringComparison.Ordinal));
        Assert.DoesNotContain(layout, line => line[..10].Contains('s', StringComparison.Ordinal));
        Assert.Equal("-rwxr-xr-x root:root lib/mandos/plugins.d/mandos-client", ours["lib/mandos/plugins.d/mandos-client"]);
        foreach (var (name, target) in new[]
        {
            ("plugins.d/password-prompt", "mandos-client"), ("plugins.d/plymouth", "mandos-client"),
            ("plugins.d/askpass-fifo", "mandos-client"),
            ("plugin-runner", "plugins.d/mandos-client"), ("mandos-to-cryptroot-unlock", "plugins.d/mandos-client"),
        })
            Assert.Equal($"lrwxrwxrwx root:root lib/mandos/{name} {target}", ours[$"lib/mandos/{name}"]);

        // Only root reads the keys; unprivileged plugins can get at everything else.
        Assert.Equal("-rw-------", await machine.ShellAsync("stat -c %A /boot/initrd.img-* | tr -d '\\n'", Token));
        await machine.ShellAsync(
            """
            cd /tmp; setpriv --reuid=65534 --regid=65534 --clear-groups sh -euc '
                test -x image/lib/mandos/plugins.d/own; test -r image/conf/conf.d/mandos/plugin-runner.conf
                test -x image/usr/bin/sh || test -x image/usr/bin/busybox; ! test -r image/conf/conf.d/mandos/seckey.txt'
            chmod 755 image
            """, Token);

        // Configuration, hooks, modules.
        var ids = await machine.ShellAsync("echo --groupid=$(id -g _mandos); echo --userid=$(id -u _mandos)", Token);
        Assert.Equal($"{ids}--debug\n", Encoding.UTF8.GetString(machine.ReadFile("/tmp/image/conf/conf.d/mandos/plugin-runner.conf")));
        Assert.Equal(
            await File.ReadAllTextAsync(Golden.Path("initramfs/hook-record.txt"), Token),
            Encoding.UTF8.GetString(machine.ReadFile("/root/hook-record")));
        Assert.Equal("client\n", Encoding.UTF8.GetString(machine.ReadFile("/tmp/image/etc/hostname")));
        Assert.Equal(machine.ReadFile("/etc/issue"), machine.ReadFile("/tmp/image/etc/somewhere/else"));
        await machine.ShellAsync("cd /tmp/image; test -x usr/bin/strace; test -n \"$(find usr/lib -name 'libc.so.6')\"", Token);
        var modules = Encoding.UTF8.GetString(machine.ReadFile("/tmp/image/conf/modules")).Split('\n');
        Assert.Contains("ipv6", modules);
        Assert.Contains("bridge", modules);
        Assert.Contains("dummy", modules);
        await machine.ShellAsync(
            "cd /tmp/image/usr/lib/modules/*; for m in virtio_net bridge dummy; do find . -name \"$m.ko*\" | grep -q . || exit 1; done",
            Token);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Without_keys_the_initramfs_image_is_built_without_Mandos_and_a_warning_has_the_fix(string suite)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Named(suite), withKeys: false);
        var made = await initramfs.MakeImageAsync(Token);
        Assert.Contains("mandos: warning: this machine has no keys in /etc/keys/mandos", made.Errors, StringComparison.Ordinal);
        Assert.Contains("hint: run 'mandos-keygen'", made.Errors, StringComparison.Ordinal);
        await initramfs.Machine.ShellAsync(
            "cd /tmp/image; ! test -e lib/mandos; ! test -e conf/conf.d/mandos; test -x lib/cryptsetup/askpass; test -e init", Token);
    }

    [Theory]
    [InlineData(
        "rm /etc/keys/mandos/seckey.txt", "the key file /etc/keys/mandos/seckey.txt is missing, empty or not readable",
        "mandos-keygen --force")]
    [InlineData(
        ": >/etc/keys/mandos/tls-pubkey.pem", "the key file /etc/keys/mandos/tls-pubkey.pem is missing, empty or not readable",
        "mandos-keygen --force")]
    [InlineData("rm /usr/lib/*/mandos/plugins.d/mandos-client", "mandos-client is not installed", "install the package")]
    [InlineData("chmod 644 /usr/lib/*/mandos/plugins.d/mandos-client", "cannot be executed", "chmod 755")]
    public async Task A_problem_that_makes_Mandos_useless_is_a_warning_and_leaves_Mandos_out(string damage, string warning, string hint)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        await initramfs.Machine.ShellAsync(damage, Token);
        var done = await initramfs.RunHookAsync(Token);
        Assert.Equal(0, done.ExitCode);
        Assert.Contains(warning, done.Errors, StringComparison.Ordinal);
        Assert.Contains(hint, done.Errors, StringComparison.Ordinal);
        Assert.Contains("this initramfs will ask for the password on the console only", done.Errors, StringComparison.Ordinal);
        await initramfs.Machine.ShellAsync("! test -e /run/image/lib/mandos; ! test -e /run/image/conf/conf.d/mandos", Token);
    }

    [Theory]
    [InlineData(
        "DEVICE",
        "sed -i 's/^DEVICE=.*/DEVICE=eth7/' /etc/initramfs-tools/initramfs.conf; mount -t tmpfs t /sys; mkdir -p "
            + "/sys/class/net/eth0/device",
        "there is no network device eth7", "this machine has: eth0")]
    [InlineData("device", "mount -t tmpfs t /sys; mkdir -p /sys/class/net/lo", "this machine has no network device", "network hook")]
    [InlineData(
        "driver",
        "mount -t tmpfs t /sys; mkdir -p /sys/module/strange /sys/class/net/eth0/device/driver; ln -s /sys/module/strange "
            + "/sys/class/net/eth0/device/driver/module",
        "has no driver strange for the network device eth0", "install the package")]
    [InlineData(
        "modules", "rm -r /usr/lib/modules/*/kernel; : >$(echo /usr/lib/modules/*)/modules.builtin",
        "there is no network driver for kernel", "install the modules")]
    [InlineData(
        "hook", "printf '#!/bin/sh\\nexit 3\\n' >/etc/mandos/network-hooks.d/bad; chmod 755 /etc/mandos/network-hooks.d/bad",
        "network hook /etc/mandos/network-hooks.d/bad failed", "MODE=files")]
    public async Task A_problem_that_may_keep_the_client_off_the_network_is_a_warning(
        string what, string damage, string warning, string hint)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        await initramfs.Machine.ShellAsync(damage, Token);
        var done = await initramfs.RunHookAsync(Token);
        Assert.True(done.ExitCode == 0, $"{what}: {done.Errors}");
        Assert.Contains(warning, done.Errors, StringComparison.Ordinal);
        Assert.Contains(hint, done.Errors, StringComparison.Ordinal);
        await initramfs.Machine.ShellAsync(
            "test -e /run/image/lib/mandos/plugins.d/mandos-client; test -e /run/image/conf/conf.d/mandos/seckey.txt", Token);
    }

    [Fact]
    public async Task A_network_hook_that_hangs_or_leaves_a_process_running_does_not_prevent_the_initramfs_image()
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        var hooks = "/etc/mandos/network-hooks.d";
        initramfs.Machine.WriteFile(
            $"{hooks}/a-hangs", "#!/bin/sh\ntrap '' TERM\necho /etc/issue\nsleep 1000 & wait\nsleep 1000\n", InitramfsMachine.Executable);
        initramfs.Machine.WriteFile(
            $"{hooks}/b-leaves", "#!/bin/sh\n[ $MODE != files ] || printf '/etc/hostname /etc/left'\nsleep 1000 2>/dev/null &\n",
            InitramfsMachine.Executable);
        // Half a minute is long for a test.
        await initramfs.Machine.ShellAsync(
            "sed -i 's/^mandos_hook_limit=30$/mandos_hook_limit=1/' /usr/share/initramfs-tools/mandos-common.sh; echo x >/etc/hostname",
            Token);
        var done = await initramfs.RunHookAsync(Token);
        Assert.Equal(0, done.ExitCode);
        Assert.Contains(
            $"mandos: warning: network hook {hooks}/a-hangs was asked for its files and did not exit within 1 seconds", done.Errors,
            StringComparison.Ordinal);
        Assert.DoesNotContain("a-hangs was asked for its modules", done.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("b-leaves", done.Errors, StringComparison.Ordinal);
        await initramfs.Machine.ShellAsync(
            "test -e /run/image/etc/left; ! test -e /run/image/etc/issue; pkill -x sleep; ! ls /tmp/tmp.*", Token);
    }

    /// <summary>The client says at boot what is wrong; a check that is wrong itself must not cost a boot.</summary>
    [Theory, MemberData(nameof(UselessKeys))]
    public async Task Keys_that_the_client_cannot_use_cause_a_warning_and_go_into_the_initramfs_image(DebianRelease release, string damage)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, release);
        await initramfs.Machine.ShellAsync(UselessKey.Prepare + damage, Token);
        var done = await initramfs.RunHookAsync(Token);
        Assert.Equal(0, done.ExitCode);
        Assert.Contains(
            "mandos: warning: mandos-keygen --check reports a problem with the keys in /etc/keys/mandos:\nmandos-keygen: error: ",
            done.Errors, StringComparison.Ordinal);
        Assert.Contains(UselessKey.All.Single(key => key.Damage == damage).Fault, done.Errors, StringComparison.Ordinal);
        Assert.Contains("\nhint: ", done.Errors, StringComparison.Ordinal);
        await initramfs.Machine.ShellAsync(
            "test -e /run/image/lib/mandos/plugins.d/mandos-client; test -e /run/image/conf/conf.d/mandos/seckey.txt", Token);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task An_image_with_keys_that_the_client_cannot_use_is_made_with_a_warning(string suite)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Named(suite));
        await initramfs.Machine.ShellAsync($"{UselessKey.Prepare}{UselessKey.All[0].Damage}", Token);
        var made = await initramfs.MakeImageAsync(Token);
        Assert.Contains(UselessKey.All[0].Fault, made.Errors, StringComparison.Ordinal);
        await initramfs.Machine.ShellAsync(
            "cd /tmp/image; test -e lib/mandos/plugins.d/mandos-client; test -e conf/conf.d/mandos/seckey.txt", Token);
    }

    /// <summary>That of Debian's package, one that crashes, and none at all.</summary>
    [Theory]
    [InlineData("printf '#!/bin/sh\\n[ $1 = --help ] || exit 1\\necho usage\\n' >/usr/sbin/mandos-keygen", "")]
    [InlineData(
        "printf '#!/bin/sh\\n[ $1 = --help ] || kill -SEGV $$\\necho --check\\n' >/usr/sbin/mandos-keygen",
        "mandos-keygen --check reports a problem")]
    [InlineData("rm /usr/sbin/mandos-keygen", "")]
    public async Task A_key_tool_that_cannot_check_the_keys_does_not_keep_them_out_of_the_image(string tool, string warning)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        await initramfs.Machine.ShellAsync(tool, Token);
        var done = await initramfs.RunHookAsync(Token);
        Assert.Equal(0, done.ExitCode);
        Assert.Equal(warning.Length > 0, done.Errors.Contains("mandos-keygen", StringComparison.Ordinal));
        Assert.Contains(warning, done.Errors, StringComparison.Ordinal);
        await initramfs.Machine.ShellAsync(
            "test -e /run/image/lib/mandos/plugins.d/mandos-client; test -e /run/image/conf/conf.d/mandos/seckey.txt", Token);
    }

    /// <summary>On a machine that is a server, too, checkers run as that user.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task Only_root_can_read_the_keys_while_the_initramfs_image_is_built(string suite)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Named(suite));
        initramfs.Machine.WriteFile("/usr/share/initramfs-tools/hooks/zz-reader", """
            #!/bin/sh
            [ "$1" != prereqs ] || { echo mandos; exit 0; }
            for file in "$DESTDIR"/conf/conf.d/mandos/*; do
                for user in _mandos nobody; do
                    ! setpriv --reuid=$user --regid=$(id -g $user) --clear-groups cat "$file" >/dev/null 2>&1 || echo "$user ${file##*/}"
                done
            done >/root/read
            """, InitramfsMachine.Executable);
        await initramfs.Machine.ShellAsync("chmod 644 /etc/keys/mandos/tls-pubkey.pem", Token);
        await initramfs.MakeImageAsync(Token);
        // The one file that plugins may read shows that they get so far.
        Assert.Equal(
            "_mandos plugin-runner.conf\nnobody plugin-runner.conf\n", Encoding.UTF8.GetString(initramfs.Machine.ReadFile("/root/read")));
    }

    [Theory]
    [InlineData(": >$DESTDIR/cryptroot/crypttab")]
    [InlineData("rm $DESTDIR/cryptroot/crypttab")]
    public async Task An_image_in_which_no_disk_is_unlocked_causes_a_warning(string empty)
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        var done = await initramfs.RunHookAsync(Token, environment: empty);
        Assert.Equal(0, done.ExitCode);
        Assert.Contains(
            "mandos: warning: no disk is unlocked in this initramfs, so no password will be fetched at boot", done.Errors,
            StringComparison.Ordinal);
        Assert.Contains("the option 'initramfs'", done.Errors, StringComparison.Ordinal);
        await initramfs.Machine.ShellAsync("test -e /run/image/conf/conf.d/mandos/seckey.txt", Token);
    }

    [Fact]
    public async Task An_image_that_others_can_read_and_one_that_unlocks_no_disk_cause_warnings()
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        var done = await initramfs.RunHookAsync(Token, "022", "rm $DESTDIR/lib/cryptsetup/askpass");
        Assert.Equal(0, done.ExitCode);
        Assert.Contains("other users will be able to read this initramfs", done.Errors, StringComparison.Ordinal);
        Assert.Contains("hint: set UMASK=0077", done.Errors, StringComparison.Ordinal);
        Assert.Contains("no disk is unlocked by a password in this initramfs", done.Errors, StringComparison.Ordinal);
        // The keys in it are closed all the same.
        await initramfs.Machine.ShellAsync("test $(stat -c %a /run/image/conf/conf.d/mandos/seckey.txt) = 600", Token);
    }

    [Fact]
    public async Task An_administrators_plugin_replaces_ours()
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        foreach (var name in new[] { "mandos-client", "plymouth" })
            initramfs.Machine.WriteFile($"/etc/mandos/plugins.d/{name}", "#!/bin/sh\necho mine\n", InitramfsMachine.Executable);
        (await initramfs.RunHookAsync(Token)).OrThrow();
        Assert.Equal(
            "mine\nmine\n../mandos-boot\nmandos-boot\nmandos-boot\n",
            await initramfs.Machine.ShellAsync(
                "cd /run/image/lib/mandos; plugins.d/mandos-client; plugins.d/plymouth; readlink plugins.d/password-prompt "
                    + "plugin-runner mandos-to-cryptroot-unlock",
                Token));
    }

    [Fact]
    public async Task The_example_hooks_ask_for_what_they_need()
    {
        var initramfs = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        var machine = initramfs.Machine;
        await machine.ShellAsync(
            """
            cd /etc/mandos/network-hooks.d
            cp /usr/share/doc/mandos-client-dotnet/examples/network-hooks.d/* .
            printf 'BRIDGE=br0\nPORTS="eth0"\n' >bridge.conf
            printf 'WIRELESS=wlan0\nDRIVERS="mac80211_hwsim"\nNETWORK=x\n' >wireless.conf
            printf 'CONFIG=/etc/openvpn/mandos.conf\nTUNNEL=tun0\n' >openvpn.conf
            mkdir -p /etc/openvpn; echo client >/etc/openvpn/mandos.conf
            for program in /usr/sbin/wpa_supplicant /usr/sbin/openvpn; do printf '#!/bin/sh\n' >$program; chmod 755 $program; done
            """, Token);
        var done = await initramfs.RunHookAsync(Token);
        Assert.Equal(0, done.ExitCode);
        Assert.DoesNotContain("network hook /", done.Errors, StringComparison.Ordinal);
        await machine.ShellAsync(
            "cd /run/image; test -e etc/openvpn/mandos.conf; for p in ip wpa_supplicant openvpn; do test -x usr/sbin/$p || test -x "
                + "usr/bin/$p || test -L sbin/$p; done",
            Token);
        var modules = Encoding.UTF8.GetString(machine.ReadFile("/run/image/conf/modules"));
        foreach (var module in new[] { "ipv6", "bridge", "mac80211_hwsim", "tun" })
            Assert.Contains($"{module}\n", modules, StringComparison.Ordinal);
    }
}
