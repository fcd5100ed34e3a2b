using System.Text;

namespace Mandos.Interop.Prompts;

/// <summary>Signals to the runner, and the users and groups of what it starts.</summary>
public sealed partial class PluginRunnerTests
{
    [Fact]
    public async Task A_plugin_gets_three_descriptors_no_groups_and_its_name_as_the_prefix_of_its_lines()
    {
        var machine = await ClientAsync(
            ("own.sh", "#!/bin/sh\nls /proc/self/fd >&2\ngrep -E '^(Uid|Gid|Groups|CapEff|SigBlk)' /proc/self/status\necho done >&2\n"),
            ("signals", "#!/bin/sh\nsed -n 's/^SigIgn:[^0-9a-f]*.*\\(....\\)$/ignored \\1/p' /proc/self/status >&2\nexit 1\n"));
        // SIGPIPE, which the runtime ignores, is not handed on to plugins (the upper half is the C library's business).
        Assert.Contains(
            "signals: ignored 0000\n", (await RunAsync(machine, Implementation.Ours, "--disable=own.sh")).Errors, StringComparison.Ordinal);
        var done = (await RunAsync(machine, Implementation.Ours, "--userid=123", "--groupid=456", "--disable=signals")).OrThrow();
        // The fourth is that of the folder that ls reads.
        Assert.Equal(
            ["own.sh: 0", "own.sh: 1", "own.sh: 2", "own.sh: 3", "own.sh: done"],
            done.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(
            ["Uid: 123 123 123 123", "Gid: 456 456 456 456", "Groups:", "SigBlk: 0000000000000000", "CapEff: 0000000000000000"],
            done.Text.TrimEnd('\n').Split('\n').Select(line => line.Replace('\t', ' ').TrimEnd()));
    }

    [Fact]
    public async Task A_plugin_that_the_administrator_made_setuid_runs_as_its_owner()
    {
        var machine = await ClientAsync(("root", "not yet"));
        await machine.ShellAsync($"cp /usr/bin/id {Plugins}/root; chmod 4755 {Plugins}/root", Token);
        Assert.Equal("0\n", (await RunAsync(machine, Implementation.Ours, "--options-for=root:-u")).OrThrow().Text);
    }

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("INT", 2)]
    [InlineData("HUP", 1)]
    public async Task On_a_signal_the_runner_stops_all_plugins_and_dies_of_that_signal(string signal, int number)
    {
        var machine = await ClientAsync(
            ("good", "#!/bin/sh\ntrap 'echo ended >>/srv/record; exit 0' TERM\necho started >>/srv/record\nwhile :; do sleep 0.1; done\n"),
            ("later", "#!/bin/sh\nexit 75\n"));
        machine.WriteFile("/srv/record", "", (UnixFileMode)0b110_110_110);
        await using var runner = Start(machine, Implementation.Ours, []);
        while (machine.ReadFile("/srv/record").Length == 0)
            await Task.Delay(10, Token);
        runner.Signal(signal);
        var done = await runner.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(128 + number, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.Equal("started\nended\n", Encoding.UTF8.GetString(machine.ReadFile("/srv/record")));
    }

    [Fact]
    public async Task A_signal_is_handled_while_nothing_reads_the_password()
    {
        // More than a pipe holds; it counts when the plugin has ended, and then goes to a reader that never reads.
        var machine = await ClientAsync(("large", "#!/bin/sh\nhead -c 1000000 /dev/zero\n"));
        Install(machine);
        await machine.ShellAsync("mkfifo /srv/output", Token);
        await using var runner = machine.Start(new(), "/bin/sh", "-c", $"exec {Command()} >/srv/output");
        await using var reader = machine.Start(new(), "/bin/sh", "-c", "exec </srv/output; head -c 1 | od -c; sleep 1000");
        // It has begun to print.
        await reader.WaitForLineAsync("0", TimeSpan.FromSeconds(20), Token);
        runner.Signal("TERM");
        Assert.Equal(143, (await runner.WaitAsync(TimeSpan.FromSeconds(10), Token)).ExitCode);
    }

    [Fact]
    public async Task SIGTERM_terminates_the_password_cache_while_it_waits_for_the_password()
    {
        var machine = await ClientAsync();
        // Open for writing too, so that the password never comes and never ends.
        await using var keeper = machine.Start(
            new(), "/bin/sh", "-c", $"mkfifo /srv/input; exec {Implementation.Ours.Client} password-cache keep <>/srv/input");
        while (ProcessTree.Name(keeper.Inner()) != "mandos-client" || !ProcessTree.Status(keeper.Inner(), "State").StartsWith('S'))
            await Task.Delay(10, Token);
        keeper.Signal("TERM");
        Assert.Equal(143, (await keeper.WaitAsync(TimeSpan.FromSeconds(10), Token)).ExitCode);
    }

    [Fact]
    public async Task Our_client_gets_the_user_ids_of_a_set_uid_program_and_fetches_the_password()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Original, Password.Plain, Token);
        var machine = pair.Client;
        await machine.ShellAsync(
            $"mkdir -p {Plugins} /conf/conf.d /lib/mandos/network-hooks.d; cp -r {KeySet.Folder} /conf/conf.d/mandos; chmod 755 "
                + "/conf /conf/conf.d; "
            + $"ln -s {Implementation.Ours.Client} {Plugins}/mandos-client", Token);
        // A shell falls back to its real user unless the hook is root whole.
        machine.WriteFile(
            "/lib/mandos/network-hooks.d/who", "#!/bin/sh\necho \"$MODE $(id -u) $(id -ru)\" >>/run/laboratory/record\n", Executable);
        machine.WriteFile(Config, $"--userid=123 --groupid=456 --options-for=mandos-client:--connect={Pair.ServerIPv4}:8888");
        var done = (await RunAsync(machine, Implementation.Ours)).OrThrow();
        Assert.Equal(Password.Plain, done.Output);
        Assert.Equal("start 0 0\nstop 0 0\n", Encoding.UTF8.GetString(machine.ReadFile("/run/laboratory/record")));
    }

    [Fact]
    public async Task The_processes_of_our_client_have_the_ids_of_a_set_uid_program()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        var machine = pair.Client;
        await machine.ShellAsync(
            $"mkdir -p {Plugins} /conf/conf.d; cp -r {KeySet.Folder} /conf/conf.d/mandos; ln -s {Implementation.Ours.Client} "
                + $"{Plugins}/mandos-client",
            Token);
        machine.WriteFile(Config, $"--userid=123 --groupid=456 --options-for=mandos-client:--connect={Pair.ServerIPv4}:8888");
        await using var runner = Start(machine, Implementation.Ours, []);
        await silent.WaitForConnectionAsync(Token);
        int[] all = [runner.Inner(), .. ProcessTree.Descendants(runner.Inner())];
        Assert.Equal(3, all.Length);
        Assert.Equal("0\t0\t0\t0", ProcessTree.Status(all[0], "Uid"));
        // Root whole once its network process has taken its ids.
        Assert.Equal("0\t0\t0\t0", ProcessTree.Status(all[1], "Uid"));
        Assert.Equal("123\t123\t123\t123", ProcessTree.Status(all[2], "Uid"));
        Assert.Equal("456\t456\t456\t456", ProcessTree.Status(all[2], "Gid"));
        Assert.All(all[1..], process => Assert.Equal("", ProcessTree.Status(process, "Groups")));
        runner.Signal("TERM");
        Assert.Equal(143, (await runner.WaitAsync(TimeSpan.FromSeconds(20), Token)).ExitCode);
    }

    [Fact]
    public async Task The_launcher_refuses_unprivileged_users_even_with_a_set_uid_bit()
    {
        var machine = await ClientAsync();
        await machine.ShellAsync($"cp {Implementation.Ours.Client} /srv/client; chmod 4755 /srv/client", Token);
        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(20), Token, "/usr/bin/setpriv", "--reuid=123", "--regid=123", "--clear-groups",
            "/srv/client", "launch", "0", "0", "drop", "/usr/bin/id", "id");
        Assert.Equal(64, done.ExitCode);
        Assert.Empty(done.Output);
    }
}
