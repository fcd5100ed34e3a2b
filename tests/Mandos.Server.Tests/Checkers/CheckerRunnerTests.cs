using System.Globalization;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Checkers;

/// <summary>With the system's own shell. Alone, since descriptors and children of this process are counted.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class CheckerRunnerTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly LogLines _log = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mandos-checkers-");
    private readonly CheckerRunner _checkers;
    private long _lastRun;

    public CheckerRunnerTests() => _checkers = new CheckerRunner(TimeProvider.System, _log) { Grace = TimeSpan.FromMilliseconds(300) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _checkers.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 1", 1, null)]
    [InlineData("exit 255", 255, null)]
    [InlineData("nonexistent-command", 127, null)]
    [InlineData("if", 2, null)]
    [InlineData("kill -TERM $$", null, 15)]
    [InlineData("kill -KILL $$", null, 9)]
    [InlineData("sh -c 'kill -TERM $$'; exit", 143, null)]
    public async Task Exit_codes_and_signals_are_distinguished(string command, int? code, int? signal)
    {
        var exit = await CheckAsync(command);

        Assert.Equal((code, signal), (exit?.ExitCode, exit?.Signal));
    }

    [Fact]
    public async Task A_checker_runs_in_the_root_directory_with_the_environment_of_the_server_and_empty_input()
    {
        Environment.SetEnvironmentVariable("MANDOS_CHECKER_TEST", "ä b");
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", "/nonexistent");
        await using var checkers = new CheckerRunner(TimeProvider.System, _log);
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);

        var exit = await CheckAsync($"""
            exec >{File("seen")}; pwd; cat; echo "$MANDOS_CHECKER_TEST|$NOTIFY_SOCKET"; readlink /proc/$$/fd/0
            """, checkers);

        Assert.Equal(ChildExit.Exited(0), exit);
        Assert.Equal("/\nä b|\n/dev/null\n", await System.IO.File.ReadAllTextAsync(File("seen"), Token));
    }

    [Fact]
    public async Task A_checker_gets_no_descriptor_of_the_server_even_if_it_is_inheritable()
    {
        using var file = System.IO.File.OpenHandle("/dev/zero");
        var descriptor = (int)file.DangerousGetHandle();
        MakeInheritable(descriptor);

        await CheckAsync($"ls /proc/$$/fd >{File("seen")}");

        var seen = (await System.IO.File.ReadAllLinesAsync(File("seen"), Token)).Select(l => int.Parse(l, CultureInfo.InvariantCulture));
        // The shell itself may keep a copy of its stdout, 10, while it is redirected.
        Assert.Equal([0, 1, 2], seen.Where(n => n != 10).Order());
    }

    [Fact]
    public async Task A_checker_has_no_controlling_terminal()
    {
        Assert.Equal(ChildExit.Exited(0), await CheckAsync("! (exec </dev/tty)"));
    }

    [Fact]
    public async Task The_last_line_that_a_failing_checker_prints_is_logged_as_plain_text()
    {
        await CheckAsync("""echo to stdout; printf 'to\tstd\033[31merr\n \n' >&2; exit 3""", client: "a");

        Assert.Contains("""Warning: client [a]: check failed, exit status 3: to\tstd\u001b[31merr""", _log.Lines);
        Assert.Contains("""Debug: client [a]: the checker printed: to stdout\nto\tstd\u001b[31merr""", _log.Lines);
    }

    /// <summary>A stand-in with the name of fping, which prints nothing with -q.</summary>
    [Theory]
    [InlineData(1, "", "", ": no response")]
    [InlineData(2, "", "", ": the name was not found")]
    [InlineData(3, "", " >/dev/null 2>&1", ": invalid command line arguments")]
    [InlineData(4, "", "", ": a system call failed")]
    [InlineData(5, "", "", "")]
    [InlineData(2, "echo no such host", "", ": no such host")]
    [InlineData(1, "echo no such host", " | grep -q alive", "")]
    [InlineData(2, "", " || exit 2", "")]
    [InlineData(2, "", "; exit 2", "")]
    public async Task The_exit_status_of_fping_is_explained_only_if_it_ran_alone_and_printed_nothing(
        int status, string prints, string then, string explained)
    {
        await System.IO.File.WriteAllTextAsync(File("fping"), $"#!/bin/sh\n{prints}\nexit {status}\n", Token);
        System.IO.File.SetUnixFileMode(File("fping"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        await CheckAsync($"{File("fping")} -q -- 'a host'{then}");

        Assert.Contains($"Warning: client [client]: check failed, exit status {status}{explained}", _log.Lines);
    }

    [Fact]
    public async Task Output_that_is_not_text_does_no_harm()
    {
        await CheckAsync("head -c 3000 /dev/urandom; printf '\\0\\377'; exit 1");

        var line = Assert.Single(_log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal));
        Assert.All(line, c => Assert.False(char.IsControl(c)));
        Assert.InRange(line.Length, 1, 2200);
    }

    [Fact]
    public async Task A_flood_of_checker_output_is_read_and_its_start_and_last_line_are_logged()
    {
        const long flood = 100 * 1024 * 1024;

        await CheckAsync($"echo begin; head -c {flood} /dev/zero | tr '\\0' x; echo; echo end; exit 1");

        Assert.Equal(
            "Warning: client [client]: check failed, exit status 1: end",
            Assert.Single(_log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal)));
        var line = Assert.Single(_log.Lines, l => l.Contains("printed", StringComparison.Ordinal));
        Assert.StartsWith("Debug: client [client]: the checker printed: begin\\nxxxx", line, StringComparison.Ordinal);
        Assert.EndsWith($"xxx... ({flood + 11} bytes in all)", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_failures_in_a_row_are_logged_as_a_warning_only_once()
    {
        await CheckAsync("exit 1");
        await CheckAsync("exit 1");
        await CheckAsync("exit 2");
        await CheckAsync("true");
        await CheckAsync("true");
        await CheckAsync("exit 2");

        Assert.Equal(
            [
                "Warning: client [client]: check failed, exit status 1", "Information: client [client]: check failed, exit status 1",
                "Warning: client [client]: check failed, exit status 2", "Information: client [client]: check succeeded again",
                "Debug: client [client]: check succeeded", "Warning: client [client]: check failed, exit status 2",
            ],
            _log.Lines.Where(l => l.Contains("check ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("sleep 1000")]
    [InlineData("(trap '' TERM; while :; do sleep 1; done) >/dev/null 2>&1")]
    [InlineData("(trap '' TERM PIPE; while :; do echo y; done)")]
    public async Task A_leftover_child_is_killed_and_does_not_delay_the_check(string child)
    {
        var exit = await CheckAsync($"{child} & echo $! >{File("child")}; exit 7");

        Assert.Equal(ChildExit.Exited(7), exit);
        await UntilGoneAsync("child");
    }

    [Fact]
    public async Task A_process_in_its_own_session_is_not_killed()
    {
        await CheckAsync(
            $"setsid sh -c 'echo $$ >{File("escaped")}; exec sleep 1000' & while ! test -s {File("escaped")}; do sleep 0.01; done");

        var process = int.Parse(await System.IO.File.ReadAllTextAsync(File("escaped"), Token), CultureInfo.InvariantCulture);
        try
        {
            Assert.True(IsAlive(process));
        }
        finally
        {
            using var escaped = System.Diagnostics.Process.GetProcessById(process);
            escaped.Kill();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("trap '' TERM; ")]
    [InlineData("trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & ")]
    public async Task A_stopped_checker_is_killed_with_its_children_and_reports_no_result(string before)
    {
        var told = 0;
        var run = NewRun($"{before}sleep 1000 & echo $! >{File("child")}; echo $$ >{File("shell")}; while :; do sleep 1; done");
        _checkers.Start("client", run, _ => told++);
        await UntilWrittenAsync("shell");

        _checkers.Stop(run);

        await UntilGoneAsync("shell");
        await UntilGoneAsync("child");
        Assert.Equal(0, told);
        _checkers.Stop(run);
    }

    [Fact]
    public async Task A_check_waits_until_the_stopped_one_before_it_has_exited()
    {
        var first = NewRun($"trap '' TERM; echo $$ >{File("first")}; while :; do sleep 0.1; done");
        _checkers.Start("client", first, _ => { });
        await UntilWrittenAsync("first");
        _checkers.Stop(first);

        var exit = await CheckAsync($"! kill -0 $(cat {File("first")}) 2>/dev/null");

        Assert.Equal(ChildExit.Exited(0), exit);
    }

    [Fact]
    public async Task A_check_that_is_stopped_before_it_starts_is_never_started()
    {
        var first = NewRun($"trap '' TERM; echo $$ >{File("first")}; while :; do sleep 0.1; done");
        _checkers.Start("client", first, _ => { });
        await UntilWrittenAsync("first");
        _checkers.Stop(first);
        var second = NewRun($"echo started >{File("second")}");

        _checkers.Start("client", second, _ => Assert.Fail("it was stopped"));
        _checkers.Stop(second);

        Assert.Equal(ChildExit.Exited(0), await CheckAsync("true"));
        Assert.False(System.IO.File.Exists(File("second")));
    }

    [Fact]
    public async Task A_slow_check_does_not_delay_other_clients()
    {
        var slow = NewRun("sleep 1000");
        _checkers.Start("slow", slow, _ => { });

        Assert.Equal(ChildExit.Exited(0), await CheckAsync("true"));

        _checkers.Stop(slow);
    }

    [Fact]
    public async Task A_stop_of_the_server_kills_all_checkers()
    {
        for (var i = 0; i < 20; i++)
            _checkers.Start(
                $"client{i}",
                NewRun($"trap '{(i % 2 == 0 ? "" : "exit 0")}' TERM; echo $$ >{File($"shell{i}")}; while :; do sleep 0.1; done"),
                _ => Assert.Fail("it was stopped"));
        for (var i = 0; i < 20; i++)
            await UntilWrittenAsync($"shell{i}");

        await _checkers.DisposeAsync();

        Assert.All(Enumerable.Range(0, 20), i => Assert.False(IsAlive(Number($"shell{i}"))));
        _checkers.Start("client", NewRun("true"), _ => Assert.Fail("the server has ended"));
    }

    [Fact]
    public async Task A_command_that_cannot_be_started_has_no_exit_status_and_is_logged()
    {
        // Longer than any argument may be.
        var exit = await CheckAsync($": {new string('x', 200_000)}");

        Assert.Null(exit);
        Assert.Contains("Error: client [client]: the checker cannot be started: Argument list too long", _log.Lines);
    }

    [Fact]
    public async Task A_thousand_checks_leave_nothing_behind()
    {
        await CheckAsync("true");
        var descriptors = Descriptors();

        await Task.WhenAll(
            Enumerable.Range(0, 1000).Select(
                i => CheckAsync(i % 3 == 0 ? "sleep 0.1 & exit 1" : "echo some output", client: $"client{i}")));

        await _checkers.DisposeAsync();
        await using var other = new CheckerRunner(TimeProvider.System, _log);
        Assert.Empty(Zombies());
        Assert.InRange(Descriptors(), 1, descriptors + 5);
    }

    private string File(string name) => Path.Combine(_directory.FullName, name);

    private CheckerRun NewRun(string command) => new(Interlocked.Increment(ref _lastRun), command);

    private Task<ChildExit?> CheckAsync(string command, CheckerRunner? checkers = null, string client = "client")
    {
        var ended = new TaskCompletionSource<ChildExit?>(TaskCreationOptions.RunContinuationsAsynchronously);
        (checkers ?? _checkers).Start(client, NewRun(command), ended.SetResult);
        return ended.Task.WaitAsync(Patience, Token);
    }

    private int Number(string file) => int.Parse(System.IO.File.ReadAllText(File(file)), CultureInfo.InvariantCulture);

    private Task UntilWrittenAsync(string file) =>
        UntilAsync(() => System.IO.File.Exists(File(file)) && new FileInfo(File(file)).Length > 0);

    private Task UntilGoneAsync(string file) => UntilAsync(() => !IsAlive(Number(file)));

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (!condition())
            await Task.Delay(10, limit.Token);
    }

    /// <summary>A zombie whose parent does not care is as good as gone.</summary>
    private static bool IsAlive(int process)
    {
        try
        {
            return System.IO.File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static List<string> Zombies()
    {
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var zombies = new List<string>();
        foreach (var process in Directory.GetDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                var fields = System.IO.File.ReadAllText($"{process}/stat").Split(") ")[^1].Split(' ');
                if (fields[0] == "Z" && fields[1] == own)
                    zombies.Add(process);
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return zombies;
    }

    private static void MakeInheritable(int descriptor) => Assert.Equal(0, NativeDescriptors.SetFlags(descriptor, 0));
}
