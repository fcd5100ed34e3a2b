using System.Globalization;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Checkers;

namespace Mandos.Server.Tests.Checkers;

/// <summary>What a check runs, with the system's own shell, and what is logged. Alone, since a descriptor is made inheritable.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class CheckerRunnerTests : IAsyncDisposable
{
    private readonly CheckerSite _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

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
        var exit = await _site.CheckAsync(command);

        Assert.Equal((code, signal), (exit?.ExitCode, exit?.Signal));
    }

    [Fact]
    public async Task A_checker_runs_in_the_root_directory_with_the_environment_of_the_server_and_empty_input()
    {
        Environment.SetEnvironmentVariable("MANDOS_CHECKER_TEST", "ä b");
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", "/nonexistent");
        await using var checkers = new CheckerRunner(TimeProvider.System, _site.Log);
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);

        var exit = await _site.CheckAsync($"""
            exec >{_site.File("seen")}; pwd; cat; echo "$MANDOS_CHECKER_TEST|$NOTIFY_SOCKET"; readlink /proc/$$/fd/0
            """, checkers);

        Assert.Equal(ChildExit.Exited(0), exit);
        Assert.Equal("/\nä b|\n/dev/null\n", await File.ReadAllTextAsync(_site.File("seen"), Token));
    }

    [Fact]
    public async Task A_checker_gets_no_descriptor_of_the_server_even_if_it_is_inheritable()
    {
        using var file = File.OpenHandle("/dev/zero");
        var descriptor = (int)file.DangerousGetHandle();
        MakeInheritable(descriptor);

        await _site.CheckAsync($"ls /proc/$$/fd >{_site.File("seen")}");

        var seen = (await File.ReadAllLinesAsync(_site.File("seen"), Token)).Select(l => int.Parse(l, CultureInfo.InvariantCulture));
        // The shell itself may keep a copy of its stdout, 10, while it is redirected.
        Assert.Equal([0, 1, 2], seen.Where(n => n != 10).Order());
    }

    [Fact]
    public async Task A_checker_has_no_controlling_terminal()
    {
        Assert.Equal(ChildExit.Exited(0), await _site.CheckAsync("! (exec </dev/tty)"));
    }

    [Fact]
    public async Task The_last_line_that_a_failing_checker_prints_is_logged_as_plain_text()
    {
        await _site.CheckAsync("""echo to stdout; printf 'to\tstd\033[31merr\n \n' >&2; exit 3""", client: "a");

        Assert.Contains("""Warning: client [a]: check failed, exit status 3: to\tstd\u001b[31merr""", _site.Log.Lines);
        Assert.Contains("""Debug: client [a]: the checker printed: to stdout\nto\tstd\u001b[31merr""", _site.Log.Lines);
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
        await File.WriteAllTextAsync(_site.File("fping"), $"#!/bin/sh\n{prints}\nexit {status}\n", Token);
        File.SetUnixFileMode(_site.File("fping"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        await _site.CheckAsync($"{_site.File("fping")} -q -- 'a host'{then}");

        Assert.Contains($"Warning: client [client]: check failed, exit status {status}{explained}", _site.Log.Lines);
    }

    [Fact]
    public async Task Output_that_is_not_text_does_no_harm()
    {
        await _site.CheckAsync("head -c 3000 /dev/urandom; printf '\\0\\377'; exit 1");

        var line = Assert.Single(_site.Log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal));
        Assert.All(line, c => Assert.False(char.IsControl(c)));
        Assert.InRange(line.Length, 1, 2200);
    }

    [Fact]
    public async Task A_flood_of_checker_output_is_read_and_its_start_and_last_line_are_logged()
    {
        const long flood = 100 * 1024 * 1024;

        await _site.CheckAsync($"echo begin; head -c {flood} /dev/zero | tr '\\0' x; echo; echo end; exit 1");

        Assert.Equal(
            "Warning: client [client]: check failed, exit status 1: end",
            Assert.Single(_site.Log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal)));
        var line = Assert.Single(_site.Log.Lines, l => l.Contains("printed", StringComparison.Ordinal));
        Assert.StartsWith("Debug: client [client]: the checker printed: begin\\nxxxx", line, StringComparison.Ordinal);
        Assert.EndsWith($"xxx... ({flood + 11} bytes in all)", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_failures_in_a_row_are_logged_as_a_warning_only_once()
    {
        await _site.CheckAsync("exit 1");
        await _site.CheckAsync("exit 1");
        await _site.CheckAsync("exit 2");
        await _site.CheckAsync("true");
        await _site.CheckAsync("true");
        await _site.CheckAsync("exit 2");

        Assert.Equal(
            [
                "Warning: client [client]: check failed, exit status 1", "Information: client [client]: check failed, exit status 1",
                "Warning: client [client]: check failed, exit status 2", "Information: client [client]: check succeeded again",
                "Debug: client [client]: check succeeded", "Warning: client [client]: check failed, exit status 2",
            ],
            _site.Log.Lines.Where(l => l.Contains("check ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_command_that_cannot_be_started_has_no_exit_status_and_is_logged()
    {
        // Longer than any argument may be.
        var exit = await _site.CheckAsync($": {new string('x', 200_000)}");

        Assert.Null(exit);
        Assert.Contains("Error: client [client]: the checker cannot be started: Argument list too long", _site.Log.Lines);
    }

    private static void MakeInheritable(int descriptor) => Assert.Equal(0, NativeDescriptors.SetFlags(descriptor, 0));
}
