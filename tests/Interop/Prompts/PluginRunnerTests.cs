using System.Text;

namespace Mandos.Interop.Prompts;

/// <summary>plugin-runner beside the original's of both releases, and where it is to be better.</summary>
public sealed partial class PluginRunnerTests : InteropTest
{
    private const string Plugins = "/srv/plugins.d";
    private const string Config = "/srv/plugin-runner.conf";
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>Tells everything a plugin can see of what it was given.</summary>
    private const string Show = """
        #!/bin/sh
        echo "$# arguments"
        for one; do echo "<$one>"; done
        env | grep -Ev '^(PATH|HOME|LC_ALL|TERM|PWD|SHLVL|OLDPWD|_)=' | sort
        echo "users $(id -u) $(id -ru) groups $(id -g) $(id -rg)"
        """;

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(release => release.Suite)];

    /// <summary>Command line, config file and how the run ends; same for both programs.</summary>
    private static readonly (string[] Arguments, string Config)[] Cases =
    [
        ([], ""),
        ([""], ""),
        (["--", ""], ""),
        (["--options-for=show:"], ""),
        (["--global-options="], ""),
        (["--global-options=a,,b", "--options-for=show:x,", "-oshow:y", "-g", "c"], ""),
        (["--options-for=show:--connect=[fe80::1]:80,--debug"], ""),
        (["--global-env=A=1", "--env-for=show:A=2", "-GA=3", "-GB=4", "-E", "show:C=5=6"], ""),
        (["--plugin-helper-dir=/h"], "--plugin-helper-dir=/g --global-env=MANDOSPLUGINHELPERDIR=/x"),
        (["--env-for=show:MANDOSPLUGINHELPERDIR=/x"], ""),
        (["--userid=123", "--groupid=456"], ""),
        (["--userid=123"], "--userid=1\n--groupid=2\n"),
        (["--userid=abc", "--groupid=1x"], ""),
        (["--userid=-1", "--groupid=5000000000"], ""),
        (["--userid= 7"], ""),
        (["--disable=show"], ""),
        (["-d", "show", "-e", "show"], ""),
        (["-e", "show", "-d", "show"], ""),
        (["--enab=show"], "--disable=show"),
        (["--disable=show"], "--enable=show"),
        (["--env-for=show"], ""),
        (["--env-for=:A=b"], ""),
        (["--options-for=show"], ""),
        (["--options-for=:a"], ""),
        (["argument"], ""),
        (["--nonsense"], ""),
        (["--debug=1"], ""),
        ([], "--nonsense"),
        ([], "argument"),
        ([], "--"),
        ([], "-- --nonsense"),
        ([], "--debug=1"),
        ([], "--options-for=nothing"),
        ([], "--config-file=/nonexistent --global-options=still"),
        ([], "--userid=q"),
        ([], "--options-for=show:--q#x --r\n#--nonsense\n --global-options=a # b"),
        ([], "--options-for=show:a\v--options-for=show:b\f--options-for=show:c\r\n\t--options-for\tshow:d\n"),
        ([], "--options-for=show:nul\0rest --options-for=show:z\n--options-for=show:next"),
        (["--global-options=later"], "--global-options=earlier"),
        (["--config-file=/nonexistent"], "--nonsense"),
        (["--plugin-dir=/nonexistent"], ""),
        ([], "--plugin-dir=/nonexistent"),
        (["--plugin-dir=/srv/empty"], ""),
        (["--plugin-dir=/srv/none-executable"], ""),
        (["--plugin-dir=/srv/several"], ""),
        (["--plugin-dir=/srv/failing"], ""),
        (["--plugin-dir=/srv/bytes"], ""),
        (["--plugin-dir=/srv/slow"], ""),
    ];

    [Theory, MemberData(nameof(Releases))]
    public async Task Ours_does_what_the_original_does(string release)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Named(release));
        machine.WriteFile($"{Plugins}/show", Show, Executable);
        Directory.CreateDirectory(machine.HostPath("/srv/empty"));
        machine.WriteFile("/srv/none-executable/show", Show, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        foreach (var name in new[] { ".hidden", "auto~", "#auto#", "a.dpkg-new", "a.dpkg-old", "a.dpkg-bak", "a.dpkg-divert" })
            machine.WriteFile($"/srv/several/{name}", "#!/bin/sh\necho wrong\n", Executable);
        machine.WriteFile("/srv/several/failing", "#!/bin/sh\necho wrong\nexit 1\n", Executable);
        machine.WriteFile("/srv/several/killed", "#!/bin/sh\necho wrong\nkill -KILL $$\n", Executable);
        machine.WriteFile("/srv/several/good.sh", "#!/bin/sh\nsleep 0.3\nprintf 'right password'\n", Executable);
        machine.WriteFile("/srv/failing/one", "#!/bin/sh\nprintf half\nexit 3\n", Executable);
        machine.WriteFile("/srv/failing/no-program", "#!/nonexistent/shell\n", Executable);
        machine.WriteFile("/srv/bytes/bytes", "#!/bin/sh\nprintf 'a\\0b\\n\\377 c\\n'\n", Executable);
        // Output and end of a plugin come apart: the whole of it counts.
        machine.WriteFile("/srv/slow/slow", "#!/bin/sh\nprintf one; sleep 0.2; (sleep 0.5; printf three) & printf two\n", Executable);
        await machine.ShellAsync("chmod 755 /srv /srv/*", Token);

        foreach (var (arguments, config) in Cases)
        {
            machine.WriteFile(Config, config, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            var original = await RunAsync(machine, Implementation.Original, arguments);
            var ours = await RunAsync(machine, Implementation.Ours, arguments);
            var name = $"{string.Join(' ', arguments)} with \"{config}\"";
            Assert.Equal((name, original.ExitCode, original.Text), (name, ours.ExitCode, ours.Text));
        }
    }

    [Theory]
    [InlineData("--help", "--plugin-helper-dir")]
    [InlineData("--usage", "--plugin-helper-dir")]
    [InlineData("--version", "plugin-runner ")]
    public async Task Help_and_version_end_with_0_on_standard_output_of_both(string option, string expected)
    {
        var machine = await ClientAsync();
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            var done = (await RunAsync(machine, implementation, option)).OrThrow();
            Assert.Contains(expected, done.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_plugin_that_ignores_SIGTERM_does_not_hold_up_the_boot()
    {
        var machine = await ClientAsync(
            (
                "stubborn",
                "#!/bin/sh\ntrap '' TERM\nsleep 1000 & echo $! >/srv/record; echo $$ >>/srv/record; while :; do sleep 1000; done\n"),
            ("typist", "#!/bin/sh\nwhile [ \"$(wc -l </srv/record)\" != 2 ]; do sleep 0.05; done\nprintf secret\n"));
        machine.WriteFile("/srv/record", "", (UnixFileMode)0b110_110_110);
        Assert.Equal("secret", (await RunAsync(machine, Implementation.Ours)).OrThrow().Text);
        // A machine of the laboratory has no process that reaps zombies.
        Assert.Equal(
            "",
            await machine.ShellAsync(
                "for p in $(cat /srv/record); do ps -o pid=,stat=,args= $p | grep -v ' Z[A-Za-z]* ' || true; done", Token));
    }

    [Fact]
    public async Task The_password_is_out_before_the_other_plugins_have_ended()
    {
        var machine = await ClientAsync(
            ("stubborn", "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1000; done\n"), ("typist", "#!/bin/sh\nsleep 0.5; printf secret\n"));
        // The shell reads to the end of the output; the runner's process is still there then.
        var text = await machine.ShellAsync($"mkfifo /srv/fifo; {Command()} >/srv/fifo & p=$!; cat /srv/fifo; kill -0 $p; wait $p", Token);
        Assert.Equal("secret", text);
    }

    [Fact]
    public async Task Temporary_failures_are_tried_again()
    {
        var machine = await ClientAsync(
            (
                "unsure",
                "#!/bin/sh\necho run >>/srv/record\nprintf partial\n[ $(wc -l </srv/record) = 3 ] || exit 75\nprintf ' and whole'\n"));
        machine.WriteFile("/srv/record", "", (UnixFileMode)0b110_110_110);
        var done = (await RunAsync(machine, Implementation.Ours)).OrThrow();
        Assert.Equal("partial and whole", done.Text);
        Assert.Contains("starting it again in 1 s", done.Errors, StringComparison.Ordinal);
        Assert.Contains("starting it again in 2 s", done.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partial_output_of_a_plugin_that_fails_is_never_taken_for_a_password()
    {
        var machine = await ClientAsync(
            ("half", "#!/bin/sh\nprintf half\nexit 1\n"), ("killed", "#!/bin/sh\nprintf killed\nkill -TERM $$\n"));
        var done = (await RunAsync(machine, Implementation.Ours)).OrThrow();
        Assert.Equal("typed", done.Text);
        Assert.Contains("plugin \"half\" gave no password: exit status 1", done.Errors, StringComparison.Ordinal);
        Assert.Contains("plugin \"killed\" gave no password: killed by signal 15", done.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_output_is_a_failure_unless_it_was_typed()
    {
        var machine = await ClientAsync(("empty", "#!/bin/sh\nexit 0\n"));
        Assert.Equal("typed", (await RunAsync(machine, Implementation.Ours)).OrThrow().Text);
        machine.WriteFile($"{Plugins}/password-prompt", "#!/bin/sh\nsleep 0.3\nexit 0\n", Executable);
        var done = (await RunAsync(machine, Implementation.Ours)).OrThrow();
        Assert.Equal("", done.Text);
        Assert.DoesNotContain("asking on the console", done.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_output_than_a_password_can_have_is_refused()
    {
        var machine = await ClientAsync(("flood", "#!/bin/sh\nhead -c 5000000 /dev/zero\n"));
        Assert.Equal("typed", (await RunAsync(machine, Implementation.Ours)).OrThrow().Text);
        machine.WriteFile($"{Plugins}/flood", "#!/bin/sh\nhead -c 3000000 /dev/zero\n", Executable);
        Assert.Equal(new byte[3_000_000], (await RunAsync(machine, Implementation.Ours)).OrThrow().Output);
    }

    [Fact]
    public async Task A_plugin_gets_three_descriptors_no_groups_and_its_own_name_in_front_of_its_lines()
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
    public async Task A_set_uid_bit_of_the_administrator_still_works()
    {
        var machine = await ClientAsync(("root", "not yet"));
        await machine.ShellAsync($"cp /usr/bin/id {Plugins}/root; chmod 4755 {Plugins}/root", Token);
        Assert.Equal("0\n", (await RunAsync(machine, Implementation.Ours, "--options-for=root:-u")).OrThrow().Text);
    }

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("INT", 2)]
    [InlineData("HUP", 1)]
    public async Task After_a_signal_all_plugins_are_ended_and_the_runner_dies_of_it(string signal, int number)
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
    public async Task A_signal_is_followed_while_nothing_reads_the_password()
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
    public async Task The_keeper_is_ended_by_a_signal_while_it_waits_for_the_password()
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
    public async Task Our_client_gets_what_a_set_uid_program_would_have_and_fetches_the_password()
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
    public async Task The_role_that_changes_ids_is_closed_to_users_also_with_a_set_uid_bit()
    {
        var machine = await ClientAsync();
        await machine.ShellAsync($"cp {Implementation.Ours.Client} /srv/client; chmod 4755 /srv/client", Token);
        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(20), Token, "/usr/bin/setpriv", "--reuid=123", "--regid=123", "--clear-groups",
            "/srv/client", "launch", "0", "0", "drop", "/usr/bin/id", "id");
        Assert.Equal(64, done.ExitCode);
        Assert.Empty(done.Output);
    }

    private static string Runner(Implementation implementation) => implementation == Implementation.Original
        ? "/usr/lib/x86_64-linux-gnu/mandos/plugin-runner"
        : "/srv/plugin-runner";

    private static string[] Options() => [$"--plugin-dir={Plugins}", $"--config-file={Config}"];

    private static string Command() => $"{Runner(Implementation.Ours)} {string.Join(' ', Options())}";

    private async Task<Machine> ClientAsync(params (string Name, string Text)[] plugins)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        Directory.CreateDirectory(machine.HostPath(Plugins));
        Install(machine);
        foreach (var (name, text) in plugins)
            machine.WriteFile($"{Plugins}/{name}", text, Executable);
        await machine.ShellAsync("chmod 755 /srv /srv/*", Token);
        return machine;
    }

    /// <summary>Without a terminal, as in an initramfs; who is asked at last types "typed".</summary>
    private static RunningProcess Start(Machine machine, Implementation implementation, string[] arguments)
    {
        Install(machine);
        return machine.Start(
            new() { Input = "typed\nnot this"u8.ToArray() }, "/usr/bin/setsid", [Runner(implementation), .. Options(), .. arguments]);
    }

    private static void Install(Machine machine)
    {
        var link = machine.HostPath(Runner(Implementation.Ours));
        File.Delete(link);
        File.CreateSymbolicLink(link, Implementation.Ours.Client);
    }

    private static async Task<CompletedProcess> RunAsync(Machine machine, Implementation implementation, params string[] arguments)
    {
        await using var running = Start(machine, implementation, arguments);
        return await running.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }
}
