using System.Globalization;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Checkers;

namespace Mandos.Server.Tests.Checkers;

/// <summary>
/// Which processes a check and a stop leave, and what waits for them. Alone, since descriptors and children of this process are counted.
/// </summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class CheckerStopTests : IAsyncDisposable
{
    private readonly CheckerSite _site = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("sleep 1000")]
    [InlineData("(trap '' TERM; while :; do sleep 1; done) >/dev/null 2>&1")]
    [InlineData("(trap '' TERM PIPE; while :; do echo y; done)")]
    public async Task A_leftover_child_is_killed_and_does_not_delay_the_check(string child)
    {
        var exit = await _site.CheckAsync($"{child} & echo $! >{_site.File("child")}; exit 7");

        Assert.Equal(ChildExit.Exited(7), exit);
        await UntilGoneAsync("child");
    }

    [Fact]
    public async Task A_process_in_its_own_session_is_not_killed()
    {
        await _site.CheckAsync(
            $"setsid sh -c 'echo $$ >{_site.File("escaped")}; exec sleep 1000' & "
                + $"while ! test -s {_site.File("escaped")}; do sleep 0.01; done");

        var process = int.Parse(await File.ReadAllTextAsync(_site.File("escaped"), Token), CultureInfo.InvariantCulture);
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
        var run = _site.NewRun(
            $"{before}sleep 1000 & echo $! >{_site.File("child")}; echo $$ >{_site.File("shell")}; while :; do sleep 1; done");
        _site.Checkers.Start("client", run, _ => told++);
        await UntilWrittenAsync("shell");

        _site.Checkers.Stop(run);

        await UntilGoneAsync("shell");
        await UntilGoneAsync("child");
        Assert.Equal(0, told);
        _site.Checkers.Stop(run);
    }

    [Fact]
    public async Task A_check_waits_until_the_stopped_one_before_it_has_exited()
    {
        var first = _site.NewRun($"trap '' TERM; echo $$ >{_site.File("first")}; while :; do sleep 0.1; done");
        _site.Checkers.Start("client", first, _ => { });
        await UntilWrittenAsync("first");
        _site.Checkers.Stop(first);

        var exit = await _site.CheckAsync($"! kill -0 $(cat {_site.File("first")}) 2>/dev/null");

        Assert.Equal(ChildExit.Exited(0), exit);
    }

    [Fact]
    public async Task A_check_that_is_stopped_before_it_starts_is_never_started()
    {
        var first = _site.NewRun($"trap '' TERM; echo $$ >{_site.File("first")}; while :; do sleep 0.1; done");
        _site.Checkers.Start("client", first, _ => { });
        await UntilWrittenAsync("first");
        _site.Checkers.Stop(first);
        var second = _site.NewRun($"echo started >{_site.File("second")}");

        _site.Checkers.Start("client", second, _ => Assert.Fail("it was stopped"));
        _site.Checkers.Stop(second);

        Assert.Equal(ChildExit.Exited(0), await _site.CheckAsync("true"));
        Assert.False(File.Exists(_site.File("second")));
    }

    [Fact]
    public async Task A_slow_check_does_not_delay_other_clients()
    {
        var slow = _site.NewRun("sleep 1000");
        _site.Checkers.Start("slow", slow, _ => { });

        Assert.Equal(ChildExit.Exited(0), await _site.CheckAsync("true"));

        _site.Checkers.Stop(slow);
    }

    [Fact]
    public async Task A_stop_of_the_server_kills_all_checkers()
    {
        for (var i = 0; i < 20; i++)
            _site.Checkers.Start(
                $"client{i}",
                _site.NewRun(
                    $"trap '{(i % 2 == 0 ? "" : "exit 0")}' TERM; echo $$ >{_site.File($"shell{i}")}; while :; do sleep 0.1; done"),
                _ => Assert.Fail("it was stopped"));
        for (var i = 0; i < 20; i++)
            await UntilWrittenAsync($"shell{i}");

        await _site.Checkers.DisposeAsync();

        Assert.All(Enumerable.Range(0, 20), i => Assert.False(IsAlive(Number($"shell{i}"))));
        _site.Checkers.Start("client", _site.NewRun("true"), _ => Assert.Fail("the server has ended"));
    }

    [Fact]
    public async Task A_thousand_checks_leave_nothing_behind()
    {
        await _site.CheckAsync("true");
        var descriptors = Descriptors();

        await Task.WhenAll(
            Enumerable.Range(0, 1000).Select(
                i => _site.CheckAsync(i % 3 == 0 ? "sleep 0.1 & exit 1" : "echo some output", client: $"client{i}")));

        await _site.Checkers.DisposeAsync();
        await using var other = new CheckerRunner(TimeProvider.System, _site.Log);
        Assert.Empty(Zombies());
        Assert.InRange(Descriptors(), 1, descriptors + 5);
    }

    private int Number(string file) => int.Parse(File.ReadAllText(_site.File(file)), CultureInfo.InvariantCulture);

    private Task UntilWrittenAsync(string file) =>
        UntilAsync(() => File.Exists(_site.File(file)) && new FileInfo(_site.File(file)).Length > 0);

    private Task UntilGoneAsync(string file) => UntilAsync(() => !IsAlive(Number(file)));

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(CheckerSite.Patience);
        while (!condition())
            await Task.Delay(10, limit.Token);
    }

    /// <summary>A zombie whose parent does not care is as good as gone.</summary>
    private static bool IsAlive(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1][0] != 'Z';
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
                var fields = File.ReadAllText($"{process}/stat").Split(") ")[^1].Split(' ');
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
}
