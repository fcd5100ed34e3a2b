using System.Text;

namespace Mandos.Interop.Prompts;

/// <summary>What the boot scripts start, with which options, and when they go on.</summary>
public sealed partial class CryptrootUnlockTests
{
    [Theory]
    [InlineData("quiet mandos=connect:192.0.2.1:4711 ro", "", "--options-for=mandos-client:--connect=192.0.2.1:4711\n", "configured")]
    [InlineData("mandos=connect", "", "", "configured")]
    [InlineData(
        "mandos=connect:[fe80::1]:4711,other", "", "--options-for=mandos-client:--connect=[fe80::1]:4711\n", "configured",
        "unknown setting")]
    [InlineData("mandos=CONNECT:10.0.0.1:1", "", "", "", "unknown setting")]
    [InlineData(
        "mandos=connect:[::ffff:192.0.2.1]:4711", "", "--options-for=mandos-client:--connect=[::ffff:192.0.2.1]:4711\n", "configured")]
    [InlineData("mandos=connect:[fe80::1%eth0]:4711", "", "--options-for=mandos-client:--connect=[fe80::1%eth0]:4711\n", "configured")]
    [InlineData(
        "mandos=connect:192.0.2.1:1,[fd00::1]:2", "",
        "--options-for=mandos-client:--server=192.0.2.1:1\n--options-for=mandos-client:--server=[fd00::1]:2\n", "configured")]
    [InlineData(
        "mandos=connect:192.0.2.1", "", "", "configured",
        "kernel parameter mandos=: no port in '192.0.2.1': write 192.0.2.1:PORT; searching")]
    [InlineData("mandos=connect:server.example.org:4711", "", "", "configured", "'server.example.org' is not a numeric address")]
    [InlineData(
        "mandos=connect:192.0.2.1:1,server:2", "", "--options-for=mandos-client:--server=192.0.2.1:1\n", "configured",
        "'server' is not a numeric address")]
    [InlineData(
        "quiet", "IP=10.0.0.2::10.0.0.1:255.0.0.0:host:eth3:none DEVICE=eth0", "--options-for=mandos-client:--prefer-interface=eth3\n",
        "")]
    [InlineData("quiet", "IP=dhcp", "", "")]
    [InlineData("quiet", "IP=::::host::dhcp DEVICE=eth5", "<--options-for=mandos-client:--prefer-interface=eth5\n", "")]
    [InlineData("quiet", "DEVICE=eth5", "<--options-for=mandos-client:--prefer-interface=eth5\n", "")]
    public async Task The_kernel_command_line_and_DEVICE_set_the_options(
        string commandLine, string environment, string option, string network, string warning = "")
    {
        var machine = await InitramfsAsync(DebianRelease.Bookworm);
        machine.WriteFile("/run/disks/root", "typed");
        machine.WriteFile("/run/laboratory/cmdline", commandLine);
        machine.WriteFile("/cryptroot/crypttab", "root /dev/root none luks\n");
        await machine.ShellAsync("mount --bind /run/laboratory/cmdline /proc/cmdline", Token);
        var done = (
            await machine.RunAsync(
                new(), Limit, Token, "/bin/sh", "-euc",
                $"{environment} /scripts/init-premount/mandos >/run/laboratory/said 2>&1")).OrThrow();
        await Task.Delay(200, Token);
        var expected = option.StartsWith('<') ? option[1..] + "--debug\n" : "--debug\n" + option;
        Assert.Equal(expected, Encoding.UTF8.GetString(machine.ReadFile("/conf/conf.d/mandos/plugin-runner.conf")));
        await WaitForFileAsync(machine, "/run/laboratory/runner");
        // In the background too, if at all.
        if (network.Length > 0)
            await WaitForFileAsync(machine, $"/run/laboratory/{network}");
        Assert.Equal(network.Length > 0, File.Exists(machine.HostPath("/run/laboratory/configured")));
        var said = Encoding.UTF8.GetString(machine.ReadFile("/run/laboratory/said"));
        Assert.Equal(warning.Length > 0, said.Length > 0);
        Assert.Contains(warning, said, StringComparison.Ordinal);
        await machine.ShellAsync("/scripts/init-bottom/mandos; ! pgrep -r R,S,D -f '/lib/[m]andos/'", Token);
    }

    // The kernel takes words apart so, and quotes away.
    [Theory]
    [InlineData("mandos=off", false)]
    [InlineData("quiet \"mandos=off\" ro", false)]
    [InlineData("mandos=\"off\"", false)]
    [InlineData("mandos=connect,no", false)]
    [InlineData("mandos=0", false)]
    [InlineData("mandos=OFF", false)]
    [InlineData("mandos=No", false)]
    [InlineData("mandos=ON", true)]
    [InlineData("mandos=on xmandos=off dyndbg=\"file x mandos=off +p\"", true)]
    public async Task The_kernel_command_line_can_disable_Mandos(string commandLine, bool started)
    {
        var machine = await InitramfsAsync(DebianRelease.Bookworm);
        machine.WriteFile("/run/laboratory/cmdline", commandLine);
        machine.WriteFile("/cryptroot/crypttab", "root /dev/root none luks\n");
        await machine.ShellAsync(
            "mount --bind /run/laboratory/cmdline /proc/cmdline; /scripts/init-premount/mandos >/run/laboratory/said 2>&1", Token);
        Assert.Equal(started, File.Exists(machine.HostPath("/run/mandos-to-cryptroot-unlock.pid")));
        Assert.Equal("", Encoding.UTF8.GetString(machine.ReadFile("/run/laboratory/said")));
        await machine.ShellAsync("/scripts/init-bottom/mandos; ! pgrep -r R,S,D -f '/lib/[m]andos/'", Token);
    }

    [Fact]
    public async Task A_missing_address_delays_neither_the_prompt_nor_the_end_of_the_initramfs()
    {
        var machine = await InitramfsAsync(DebianRelease.Bookworm);
        machine.WriteFile("/run/laboratory/cmdline", "mandos=connect");
        machine.WriteFile("/cryptroot/crypttab", "root /dev/root none luks\n");
        await machine.ShellAsync(
            "mount --bind /run/laboratory/cmdline /proc/cmdline; echo 'configure_networking() { sleep 1000; }' >>/scripts/functions; "
                + "timeout 60 /scripts/init-premount/mandos </dev/null >/dev/null 2>&1",
            Token);
        await machine.ShellAsync("/scripts/init-bottom/mandos; ! pgrep -r R,S,D -f '/lib/[m]andos/|sleep [1]000'", Token);
    }

    [Fact]
    public async Task A_missing_interface_does_not_delay_the_client()
    {
        var machine = await InitramfsAsync(DebianRelease.Bookworm);
        machine.WriteFile("/run/laboratory/cmdline", "mandos=connect");
        machine.WriteFile("/cryptroot/crypttab", "root /dev/root none luks\n");
        await machine.ShellAsync(
            "mount --bind /run/laboratory/cmdline /proc/cmdline; echo 'configure_networking() { sleep 1000; }' >>/scripts/functions; "
                + "IP=:::::gone0:dhcp /scripts/init-premount/mandos </dev/null >/dev/null 2>&1",
            Token);
        await WaitForFileAsync(machine, "/run/laboratory/runner");
        await machine.ShellAsync("/scripts/init-bottom/mandos; ! pgrep -r R,S,D -f '/lib/[m]andos/|sleep [1]000'", Token);
    }

    [Fact]
    public async Task The_client_runs_until_the_end_of_the_initramfs_while_the_root_is_locked()
    {
        var machine = await InitramfsAsync(DebianRelease.Bookworm);
        await using var unlocking = Unlock(machine);
        await machine.ShellAsync("until test -s /run/mandos-to-cryptroot-unlock.pid; do sleep 0.02; done", Token);
        await machine.ShellAsync(
            "ROOT=/dev/mapper/none /scripts/local-premount/mandos; test -e /run/mandos-to-cryptroot-unlock.pid", Token);
        Assert.False(unlocking.HasExited);
        await machine.ShellAsync("ROOT=/dev/mapper/none /scripts/init-bottom/mandos; ! test -e /run/mandos-to-cryptroot-unlock.pid", Token);
        await unlocking.WaitAsync(Limit, Token);
    }

    [Fact]
    public async Task With_an_old_cryptsetup_plugin_runner_becomes_the_key_script()
    {
        var machine = await InitramfsAsync(DebianRelease.Bookworm);
        machine.WriteFile(
            "/conf/conf.d/cryptroot",
            "target=a,source=/dev/a,key=none,rootdev\ntarget=b,source=/dev/b,key=none\ntarget=c,source=/dev/c,rootdev,keyscript=/x\n");
        await machine.ShellAsync("/scripts/init-premount/mandos; ! test -e /run/mandos-to-cryptroot-unlock.pid", Token);
        Assert.Equal(
            "target=a,source=/dev/a,key=none,rootdev,keyscript=/lib/mandos/plugin-runner\ntarget=b,source=/dev/b,key=none\ntarget=c,source=/dev/c,rootdev,keyscript=/x\n",
            Encoding.UTF8.GetString(machine.ReadFile("/conf/conf.d/cryptroot")));
        machine.WriteFile("/conf/conf.d/cryptroot", "target=a,source=/dev/a\ntarget=b,source=/dev/b,resumedev\n");
        await machine.ShellAsync("/scripts/init-premount/mandos; test -e /conf/conf.d/cryptroot.mandos-old", Token);
        Assert.Equal(
            "target=a,source=/dev/a,keyscript=/lib/mandos/plugin-runner\ntarget=b,source=/dev/b,resumedev\n",
            Encoding.UTF8.GetString(machine.ReadFile("/conf/conf.d/cryptroot")));
    }
}
