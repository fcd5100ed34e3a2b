namespace Mandos.Interop.Prompts;

/// <summary>plymouth, with the real plymouthd: ours does what the original's does, and no more is left of a question.</summary>
public sealed class PlymouthTests : InteropTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(release => release.Suite)];

    private static Implementation[] Both => [Implementation.Original, Implementation.Ours];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_same_question_and_keys_give_the_same_password(string suite)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Named(suite));
        var splash = await Splash.StartAsync(machine, Token);
        foreach (var (variables, option, question, keys, expected) in new (string[], string, string, string, string)[]
        {
            ([], "", "Unlocking the disk|Enter passphrase", @"secret\r", "secret"),
            ([], "--prompt=Give", "Give", @"\r", ""),
            (
                ["cryptsource=/dev/sda1", "crypttarget=root"], "", "Unlocking the disk /dev/sda1 (root)|Enter passphrase",
                @"l\303\266sen ord\r", "lösen ord"),
            (["crypttarget=root"], "", "Unlocking the disk (root)|Enter passphrase", @"right\r", "right"),
        })
        {
            foreach (var implementation in Both)
            {
                var path = await Plugins.PathAsync(machine, implementation, "plymouth", Token);
                await using var plugin = machine.Start(
                    new(), "/usr/bin/env", [.. variables, path, .. option.Length > 0 ? [option] : Array.Empty<string>()]);
                Assert.Equal(question, await splash.QuestionAsync(Token));
                await splash.TypeAsync(keys, Token);
                Assert.Equal(expected, (await plugin.WaitAsync(Patience, Token)).OrThrow().Text);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_signal_withdraws_the_question_and_the_splash_continues(string suite)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Named(suite));
        var splash = await Splash.StartAsync(machine, Token);
        var daemon = await splash.DaemonAsync(Token);
        Assert.StartsWith("/sbin/plymouthd --mode=boot ", daemon, StringComparison.Ordinal);
        foreach (var implementation in Both)
        {
            await using var plugin = await AskAsync(machine, splash, implementation);
            var before = await splash.DaemonProcessAsync(Token);
            plugin.Signal("TERM");
            var done = await plugin.WaitAsync(Patience, Token);
            Assert.Equal(1, done.ExitCode);
            Assert.Empty(done.Output);
            Assert.Equal(daemon, await splash.DaemonAsync(Token));
            Assert.NotEqual(before, await splash.DaemonProcessAsync(Token));

            // The next who asks gets the next answer.
            await using var next = machine.Start(new(), "/bin/plymouth", "ask-for-password", "--prompt=Next");
            Assert.Equal("Next", await splash.QuestionAsync(Token));
            await splash.TypeAsync(@"typed\r", Token);
            Assert.Equal("typed", (await next.WaitAsync(Patience, Token)).OrThrow().Text);
        }
    }

    /// <summary>On a busy machine the daemon takes a while to end, and has its socket as long as it lives.</summary>
    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_daemon_that_exits_slowly_is_replaced_after_its_exit(string suite)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Named(suite));
        var splash = await Splash.StartAsync(machine, Token);
        var daemon = await splash.DaemonAsync(Token);
        var before = await splash.DaemonProcessAsync(Token);
        await using var plugin = machine.Start(
            new() { LogOutput = true }, await Plugins.PathAsync(machine, Implementation.Ours, "plymouth", Token), "--prompt=Q", "--debug");
        Assert.Equal("Q", await splash.QuestionAsync(Token));
        await machine.ShellAsync($"kill -STOP {before}", Token);
        plugin.Signal("TERM");
        await plugin.WaitForLineAsync("the new plymouthd does not respond", Patience, Token);
        await machine.ShellAsync($"kill -CONT {before}", Token);
        Assert.Equal(1, (await plugin.WaitAsync(Patience, Token)).ExitCode);
        Assert.Equal(daemon, await splash.DaemonAsync(Token));
        Assert.NotEqual(before, await splash.DaemonProcessAsync(Token));
    }

    [Fact]
    public async Task A_dismissed_question_is_asked_again_and_is_not_an_empty_password()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var splash = await Splash.StartAsync(machine, Token);
        await using var plugin = await AskAsync(machine, splash, Implementation.Ours);
        await splash.TypeAsync(@"ab\003", Token);
        Assert.Equal("Q", await splash.QuestionAsync(Token));
        await splash.TypeAsync(@"x\r", Token);
        Assert.Equal("x", (await plugin.WaitAsync(Patience, Token)).OrThrow().Text);
    }

    [Fact]
    public async Task The_plugin_uses_root_only_to_connect_and_to_restart_the_daemon()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var splash = await Splash.StartAsync(machine, Token);
        var daemon = await splash.DaemonAsync(Token);
        Assert.Contains("0\t0\t0\t0", daemon, StringComparison.Ordinal);
        var path = await Plugins.PathAsync(machine, Implementation.Ours, "plymouth", Token);
        await using var plugin = machine.Start(
            new(), "/usr/bin/setpriv", "--ruid=65534", "--euid=0", "--rgid=65534", "--egid=0", "--clear-groups", path, "--prompt=Q");
        Assert.Equal("Q", await splash.QuestionAsync(Token));
        Assert.Equal("65534\t65534\t0\t65534", ProcessTree.Status(plugin.Inner(), "Uid"));
        plugin.Signal("TERM");
        Assert.Equal(1, (await plugin.WaitAsync(Patience, Token)).ExitCode);
        Assert.Equal(daemon, await splash.DaemonAsync(Token));
    }

    [Fact]
    public async Task The_plugin_closes_its_output_although_the_daemon_it_started_keeps_running()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var splash = await Splash.StartAsync(machine, Token);
        await using var plugin = await AskAsync(machine, splash, Implementation.Ours);
        plugin.Signal("TERM");
        // Waits for the end of its standard output and standard error, too.
        Assert.Equal(1, (await plugin.WaitAsync(Patience, Token)).ExitCode);
        Assert.Equal(
            "/dev/null /dev/null /dev/null",
            (await machine.ShellAsync("cd /proc/$(cat /run/plymouth/pid)/fd; echo $(readlink 0 1 2)", Token)).Trim());
    }

    [Fact]
    public async Task Without_plymouthd_both_are_unavailable()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        foreach (var implementation in Both)
        {
            var done = await machine.RunAsync(new(), Patience, Token, await Plugins.PathAsync(machine, implementation, "plymouth", Token));
            Assert.Equal(69, done.ExitCode);
            Assert.Empty(done.Output);
        }
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_is_truncated_where_the_original_fails()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var splash = await Splash.StartAsync(machine, Token);
        await using var plugin = machine.Start(
            new(), await Plugins.PathAsync(machine, Implementation.Ours, "plymouth", Token), $"--prompt={new string('y', 400)}");
        Assert.Equal(new string('y', 254), await splash.QuestionAsync(Token));
        await splash.TypeAsync(@"x\r", Token);
        Assert.Equal("x", (await plugin.WaitAsync(Patience, Token)).OrThrow().Text);
    }

    /// <summary>A stand-in for a program that speaks another protocol than we do; it notes how it is called.</summary>
    [Fact]
    public async Task If_plymouthd_cannot_be_contacted_directly_the_plymouth_program_is_used()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        machine.WriteFile(
            "/run/stand-in",
            "#!/bin/sh\nfor word; do printf '[%s]' \"$word\"; done >>/run/calls\n[ \"$1\" = --ping ] || printf 'from the program'\n",
            (UnixFileMode)0b111_101_101);
        await machine.ShellAsync("cp /run/stand-in /usr/bin/plymouth", Token);
        foreach (var implementation in Both)
        {
            var done = await machine.RunAsync(
                new(), Patience, Token, await Plugins.PathAsync(machine, implementation, "plymouth", Token), "--prompt=Q");
            Assert.Equal("from the program", done.OrThrow().Text);
            Assert.Equal("[--ping][ask-for-password][--prompt=Q]", await machine.ShellAsync("cat /run/calls; rm /run/calls", Token));
        }
    }

    /// <summary>Started, and its question is on the screen.</summary>
    private static async Task<RunningProcess> AskAsync(Machine machine, Splash splash, Implementation implementation)
    {
        var plugin = machine.Start(new(), await Plugins.PathAsync(machine, implementation, "plymouth", Token), "--prompt=Q");
        Assert.Equal("Q", await splash.QuestionAsync(Token));
        return plugin;
    }
}
