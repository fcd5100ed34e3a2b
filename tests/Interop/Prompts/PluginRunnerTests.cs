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
    public async Task Our_plugin_runner_behaves_like_the_original(string release)
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
    public async Task Help_and_version_print_to_standard_output_and_exit_with_0_in_both(string option, string expected)
    {
        var machine = await ClientAsync();
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            var done = (await RunAsync(machine, implementation, option)).OrThrow();
            Assert.Contains(expected, done.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_plugin_that_ignores_SIGTERM_does_not_delay_the_boot()
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
    public async Task The_password_is_printed_before_the_other_plugins_have_stopped()
    {
        var machine = await ClientAsync(
            ("stubborn", "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1000; done\n"), ("typist", "#!/bin/sh\nsleep 0.5; printf secret\n"));
        // The shell reads to the end of the output; the runner's process is still there then.
        var text = await machine.ShellAsync($"mkfifo /srv/fifo; {Command()} >/srv/fifo & p=$!; cat /srv/fifo; kill -0 $p; wait $p", Token);
        Assert.Equal("secret", text);
    }

    [Fact]
    public async Task Temporary_failures_are_retried()
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
    public async Task Empty_output_is_a_failure_unless_the_prompt_gives_it()
    {
        var machine = await ClientAsync(("empty", "#!/bin/sh\nexit 0\n"));
        Assert.Equal("typed", (await RunAsync(machine, Implementation.Ours)).OrThrow().Text);
        machine.WriteFile($"{Plugins}/password-prompt", "#!/bin/sh\nsleep 0.3\nexit 0\n", Executable);
        var done = (await RunAsync(machine, Implementation.Ours)).OrThrow();
        Assert.Equal("", done.Text);
        Assert.DoesNotContain("asking on the console", done.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_longer_than_a_password_can_be_is_refused()
    {
        var machine = await ClientAsync(("flood", "#!/bin/sh\nhead -c 5000000 /dev/zero\n"));
        Assert.Equal("typed", (await RunAsync(machine, Implementation.Ours)).OrThrow().Text);
        machine.WriteFile($"{Plugins}/flood", "#!/bin/sh\nhead -c 3000000 /dev/zero\n", Executable);
        Assert.Equal(new byte[3_000_000], (await RunAsync(machine, Implementation.Ours)).OrThrow().Output);
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
