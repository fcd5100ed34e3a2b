namespace Mandos.Interop.Images;

/// <summary>Whatever is wrong with Mandos on a machine, dracut makes an image, and says what to do.</summary>
public sealed class DracutRefusalTests : InteropTest
{
    /// <summary>Without modules of dracut that no test looks at, each of which takes seconds.</summary>
    private static readonly string[] Quick =
    [
        "--no-kernel",
        $"{DracutMachine.Shell} kernel-modules kernel-modules-extra overlay-root usrmount terminfo shutdown hwdb qemu "
            + "fido2 pkcs11 lunmask resume virtiofs nvdimm",
    ];

    // What is wrong (a shell command that makes it so), what dracut says, the fix that it names.
    private static readonly (string Wrong, string Said, string Fix)[] Cases =
    [
        ("rm -r /etc/keys/mandos", "this machine has no keys in /etc/keys/mandos", "run 'mandos-keygen' as root"),
        ("cd /etc/keys/mandos; rm tls-privkey.pem", "the key file /etc/keys/mandos/tls-privkey.pem is missing", "mandos-keygen --force"),
        ("cd /etc/keys/mandos; : >seckey.txt", "the key file /etc/keys/mandos/seckey.txt is missing, empty", "mandos-keygen --force"),
        ("rm /usr/lib/*/mandos/plugins.d/mandos-client", "there is no executable mandos-client", "reinstall the package"),
        (
            "rm -f /usr/sbin/cryptsetup /usr/lib/systemd/systemd-cryptsetup", "no program that opens encrypted disks",
            "install the package cryptsetup"),
    ];

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    /// <summary>Each with one release, in turn: our own script finds the problem, and each image takes half a minute.</summary>
    public static TheoryData<DebianRelease, string> Wrongs =>
        [.. Cases.Select((one, i) => (DebianRelease.All[i % DebianRelease.All.Count], one.Wrong))];

    [Theory, MemberData(nameof(Wrongs))]
    public async Task A_problem_of_the_machine_is_reported_with_the_fix_and_leaves_Mandos_out(DebianRelease release, string wrong)
    {
        var (_, said, fix) = Cases.First(c => c.Wrong == wrong);
        var client = await DracutMachine.StartAsync(Lab, release);
        await client.Machine.ShellAsync(wrong, Token);
        var image = await client.MakeImageAsync(Token, ["--hostonly", .. Quick]);
        Assert.Matches(
            $"mandos: left out of this image, the machine will wait for a typed password: "
                + $".*{System.Text.RegularExpressions.Regex.Escape(said)}",
            image.Said);
        Assert.Matches($"mandos: hint: .*{System.Text.RegularExpressions.Regex.Escape(fix)}", image.Said);
        Assert.Empty(image.Ours);
        Assert.Contains(image.Files, f => f.StartsWith("/init ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hanging_network_hook_causes_a_warning()
    {
        var client = await DracutMachine.StartAsync(Lab, DebianRelease.Bookworm);
        await client.Machine.ShellAsync(
            "sed -i 's/^mandos_hook_limit=30$/mandos_hook_limit=1/' /usr/lib/dracut/modules.d/90mandos/common.sh", Token);
        client.PutProgram("/etc/mandos/network-hooks.d/hangs", "#!/bin/sh\ntrap '' TERM\nsleep 1000 & wait\nsleep 1000\n");
        client.PutProgram(
            "/etc/mandos/network-hooks.d/leaves", "#!/bin/sh\n[ $MODE != files ] || echo /etc/issue /etc/left\nsleep 1000 2>/dev/null &\n");
        // A line without an end is a line, and does not run into that of the next hook.
        client.PutProgram("/etc/mandos/network-hooks.d/ends-early", "#!/bin/sh\n[ $MODE != files ] || printf '/etc/issue /etc/first'\n");
        var image = await client.MakeImageAsync(Token, ["--hostonly", .. Quick]);
        Assert.Contains(
            "mandos: network hook /etc/mandos/network-hooks.d/hangs was asked for its files and did not exit within 1 seconds", image.Said,
            StringComparison.Ordinal);
        Assert.Contains(image.Files, f => f.StartsWith("/etc/first ", StringComparison.Ordinal));
        Assert.Contains(image.Files, f => f.StartsWith("/etc/left ", StringComparison.Ordinal));
        Assert.NotEmpty(image.Ours);
    }

    /// <summary>The client says at boot what is wrong; a check that is wrong itself must not cost a boot.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task Keys_that_the_client_cannot_use_cause_a_warning_and_go_into_the_initramfs_image(DebianRelease release)
    {
        var client = await DracutMachine.StartAsync(Lab, release);
        // Of the TLS keys and of the OpenPGP keys: both are named.
        var wrong = UselessKey.All.Take(2).ToList();
        await client.Machine.ShellAsync(UselessKey.Prepare + string.Join("; ", wrong.Select(key => key.Damage)), Token);
        var image = await client.MakeImageAsync(Token, ["--hostonly", .. Quick]);
        Assert.Contains(
            "mandos: mandos-keygen --check reports a problem with the keys in /etc/keys/mandos:", image.Said, StringComparison.Ordinal);
        Assert.All(wrong, key => Assert.Contains(key.Fault, image.Said, StringComparison.Ordinal));
        Assert.Contains("mandos: hint: ", image.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("left out of this image", image.Said, StringComparison.Ordinal);
        Assert.Contains("/etc/mandos/keys/seckey.txt f 0600 0:0", image.Ours);
    }

    /// <summary>
    /// dracut sets pipefail. The check was left out if the key tool still printed its help when grep had found the option.
    /// </summary>
    [Fact]
    public async Task A_slow_key_tool_is_used_under_pipefail_too()
    {
        var client = await DracutMachine.StartAsync(Lab, DebianRelease.Bookworm);
        client.PutProgram(
            "/usr/sbin/mandos-keygen",
            "#!/bin/sh\nif [ $1 = --help ]; then echo --check; sleep 1; echo more; exit; fi\necho 'a fault' >&2\nexit 1\n");
        var said = await client.Machine.RunAsync(
            new(), TimeSpan.FromMinutes(1), Token, "/bin/bash", "-euo", "pipefail", "-c",
            ". /usr/lib/dracut/modules.d/90mandos/common.sh; mandos_warn() { echo \"$1\"; }; mandos_judge_keys /etc/keys/mandos");
        Assert.Equal(
            "mandos-keygen --check reports a problem with the keys in /etc/keys/mandos:\na fault\n", said.OrThrow().Text);
    }

    /// <summary>dracut of Debian 13 makes no image at all then.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task A_script_whose_interpreter_does_not_exist_is_left_out_and_the_image_is_made(DebianRelease release)
    {
        var client = await DracutMachine.StartAsync(Lab, release);
        foreach (var file in (string[])["network-hooks.d/hook", "plugin-helpers/helper"])
            client.PutProgram($"/etc/mandos/{file}", "#! /usr/bin/gone -w\n");
        client.PutProgram(
            "/etc/mandos/network-hooks.d/wants",
            "#!/bin/sh\n[ $MODE = files ] || exit 0\necho /etc/mandos/plugin-helpers/helper /etc/wanted\necho /usr/bin/tac\n");
        var image = await client.MakeImageAsync(Token, ["--hostonly", .. Quick]);
        foreach (var file in (string[])["network-hooks.d/hook", "plugin-helpers/helper"])
            Assert.Contains(
                $"mandos: /etc/mandos/{file} is left out of this image: its interpreter /usr/bin/gone does not exist", image.Said,
                StringComparison.Ordinal);
        Assert.DoesNotContain(
            image.Files,
            f =>
                f.StartsWith("/etc/wanted ", StringComparison.Ordinal)
                    || f.StartsWith("/usr/lib/mandos/plugin-helpers/helper ", StringComparison.Ordinal));
        Assert.Contains(image.Files, f => f.StartsWith("/usr/bin/tac ", StringComparison.Ordinal));
        Assert.NotEmpty(image.Ours);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_generic_image_gets_no_keys_unless_forced(DebianRelease release)
    {
        var client = await DracutMachine.StartAsync(Lab, release);
        var image = await client.MakeImageAsync(Token, ["--no-hostonly", .. Quick]);
        Assert.Contains("mandos: left out of this image", image.Said, StringComparison.Ordinal);
        Assert.Contains("hint: remove hostonly=\"no\" from /etc/dracut.conf", image.Said, StringComparison.Ordinal);
        Assert.Empty(image.Ours);

        // The same by a file, as dracut-config-generic has it.
        client.PutFile("/etc/dracut.conf.d/90-generic.conf", "hostonly=\"no\"\n");
        Assert.Empty((await client.MakeImageAsync(Token, Quick)).Ours);

        var forced = await client.MakeImageAsync(Token, ["--no-hostonly", "--force-add", "mandos", .. Quick]);
        Assert.Contains("/etc/mandos/keys/seckey.txt f 0600 0:0", forced.Ours);
    }

    /// <summary>As Debian installs dracut: nothing says whose machine the image is for.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task With_Debians_configuration_the_client_is_in_the_initramfs_image_of_its_machine(DebianRelease release)
    {
        var client = await DracutMachine.StartAsync(Lab, release);
        var image = await client.MakeImageAsync(Token);
        Assert.DoesNotContain("left out of this image", image.Said, StringComparison.Ordinal);
        Assert.Contains("/etc/mandos/keys/seckey.txt f 0600 0:0", image.Ours);
        Assert.Equal("0600\n", await client.Machine.ShellAsync("find /boot/initrd.img -printf '%#m\\n'", Token));
        // The device may be any; wireless ones would bring their firmware.
        Assert.Contains(image.Files, f => f.Contains("/drivers/net/virtio_net.ko", StringComparison.Ordinal));
        Assert.DoesNotContain(image.Files, f => f.Contains("/drivers/net/wireless/", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_machine_without_a_network_device_still_gets_an_image_with_a_warning(DebianRelease release)
    {
        var client = await DracutMachine.StartAsync(Lab, release);
        var image = await client.MakeImageAsync(Token, ["--hostonly", .. Quick]);
        Assert.Contains("mandos: this machine has no network device now", image.Said, StringComparison.Ordinal);
        Assert.Contains("mandos: hint: add the driver", image.Said, StringComparison.Ordinal);
        Assert.NotEmpty(image.Ours);
    }
}
