using System.Globalization;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Checkers;

/// <summary>Checkers under landlock, in folders of a test. Alone, as the other tests of checkers.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class CheckerLauncherTests : IAsyncDisposable
{
    private readonly LogLines _log = new();
    private readonly FailingChecks _failing = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mandos-checkers-");
    private readonly CheckerLauncher _launcher;
    private readonly CheckerRunner _checkers;
    private long _lastRun;

    public CheckerLauncherTests()
    {
        foreach (var folder in (string[])["state", "etc", "etc/clients.d", "work"])
            _folder.CreateSubdirectory(folder);
        foreach (var file
            in (string[])["state/store.key", "etc/clients.conf", "etc/clients.conf~", "etc/clients.d/a.conf", "etc/mandos.conf", "other"])
            File.WriteAllText(Name(file), $"what is in {file}\n");
        _launcher = new(new(Name("state"), Name("etc")), StartThread, _log);
        _checkers = new(TimeProvider.System, _log, _failing, _launcher);
    }

    public async ValueTask DisposeAsync()
    {
        await _checkers.DisposeAsync();
        _launcher.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Without_landlock_rules_the_system_call_filter_still_applies()
    {
        // More than there are rules for.
        for (var i = 0; i <= 10_000; i++)
            File.WriteAllText(Name($"etc/{i}"), "");
        Assert.Equal(ChildExit.Exited(0), await CheckAsync("grep -q '^Seccomp:.2$' /proc/self/status"));
        Assert.Contains("checkers are not denied access", string.Join('\n', _log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cat state/store.key")]
    [InlineData("cat etc/clients.conf")]
    [InlineData("cat etc/clients.conf~")]
    [InlineData("cat etc/clients.d/a.conf")]
    [InlineData("cat link/store.key")]
    [InlineData("cat work/../state/store.key")]
    [InlineData("cd state; cat store.key")]
    [InlineData("cat /proc/self/root$PWD/state/store.key")]
    [InlineData("echo x >state/store.key")]
    [InlineData("echo x >>state/store.key")]
    [InlineData("echo x >state/new")]
    [InlineData("rm state/store.key")]
    [InlineData("rmdir state/folder")]
    [InlineData("mv state/store.key work/")]
    [InlineData("mv work state/")]
    [InlineData("ln state/store.key work/key")]
    [InlineData("sh -c 'cat state/store.key'")]
    [InlineData("setsid -w cat state/store.key")]
    public async Task Checkers_can_neither_read_nor_change_the_servers_own_files(string command)
    {
        Directory.CreateSymbolicLink(Name("link"), Name("state"));
        Directory.CreateDirectory(Name("state/folder"));

        Assert.NotEqual(ChildExit.Exited(0), await CheckAsync($"cd {_folder.FullName} && {{ {command}; }}"));

        // By who may, it can.
        Assert.Equal(
            "what is in state/store.key\n", await File.ReadAllTextAsync(Name("state/store.key"), TestContext.Current.CancellationToken));
        Assert.Equal(["folder", "store.key"], Directory.GetFileSystemEntries(Name("state")).Select(Path.GetFileName).Order());
        Assert.DoesNotContain(_log.Lines, line => line.Contains("not denied", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cat other etc/mandos.conf")]
    [InlineData("cat /etc/passwd")]
    [InlineData("getent hosts localhost")]
    [InlineData("echo x >work/new && cat work/new && mv work/new work/newer && rm work/newer")]
    [InlineData("f=$(mktemp -p work) && rm $f")]
    [InlineData("mkdir work/a work/b && echo x >work/a/x && mv work/a/x work/b && rm -r work/a work/b")]
    [InlineData("echo x >/dev/null")]
    [InlineData("ls / /proc >/dev/null")]
    [InlineData("sleep 100 & kill $!")]
    [InlineData("ulimit -n 64 && test $(ulimit -n) = 64")]
    [InlineData("nice -n 1 true && renice -n 19 -p 0 >/dev/null")]
    [InlineData("prlimit --core=0:0 ionice -c 3 taskset ff chrt --idle 0 true")]
    public async Task Checkers_can_do_everything_else_as_before(string command)
    {
        var exit = await CheckAsync($"cd {_folder.FullName} && {{ {command}; }}");

        Assert.Equal((ChildExit.Exited(0), null), (exit, _failing.Find("client")?.Reason));
    }

    [Fact]
    public async Task The_next_check_can_read_a_file_replaced_or_added_meanwhile()
    {
        Assert.Equal(ChildExit.Exited(0), await CheckAsync($"cat {Name("other")}"));

        await File.WriteAllTextAsync(Name("new"), "new", TestContext.Current.CancellationToken);
        File.Move(Name("new"), Name("other"), overwrite: true);
        Assert.Equal(ChildExit.Exited(0), await CheckAsync($"test $(cat {Name("other")}) = new"));

        await File.WriteAllTextAsync(Name("third"), "third", TestContext.Current.CancellationToken);
        Assert.Equal(ChildExit.Exited(0), await CheckAsync($"cat {Name("third")}"));
        Assert.NotEqual(ChildExit.Exited(0), await CheckAsync($"cat {Name("state/store.key")}"));
    }

    [Fact]
    public async Task The_server_and_its_threads_keep_access_to_the_servers_files()
    {
        await CheckAsync("true");

        var read = Enumerable.Range(0, 50).Select(
            _ => Task.Run(() => File.ReadAllText(Name("state/store.key")), TestContext.Current.CancellationToken));

        Assert.All(await Task.WhenAll(read), text => Assert.Equal("what is in state/store.key\n", text));
    }

    [Fact]
    public async Task A_checker_cannot_signal_the_server_if_the_kernel_can_prevent_it()
    {
        Assert.True(LandlockRuleset.Create(out var ruleset).Ok);
        using var rules = ruleset!;

        var exit = await CheckAsync($"kill -0 {Environment.ProcessId}");

        Assert.Equal(rules.ScopesSignals, exit != ChildExit.Exited(0));
    }

    /// <summary>Each sets what is so already, or the least that there is; as root it would work on any process.</summary>
    [Theory]
    [InlineData("prlimit --core=0:0 --pid {0}")]
    [InlineData("renice -n 0 -p {0}")]
    [InlineData("ionice -c 0 -p {0}")]
    [InlineData("taskset -p ff {0}")]
    [InlineData("chrt --other -p 0 {0}")]
    public async Task A_checker_cannot_change_the_limits_or_the_priority_of_the_server(string command)
    {
        Assert.NotEqual(
            ChildExit.Exited(0),
            await CheckAsync(string.Format(CultureInfo.InvariantCulture, command + " >/dev/null", Environment.ProcessId)));

        Assert.Contains("Operation not permitted", _failing.Find("client")!.Reason, StringComparison.Ordinal);
    }

    /// <summary>Such a filter is not undone by a call with another number for the same.</summary>
    [Fact]
    public async Task A_checker_cannot_set_limits_through_an_x32_system_call()
    {
        const string Script =
            "import ctypes; ctypes.CDLL(None).syscall(0x40000000 + 302, {0}, 4, ctypes.create_string_buffer(16), None) == -1 or "
                + "exit(3); exit(7)";

        Assert.Equal(
            ChildExit.Exited(7),
            await CheckAsync($"python3 -c '{string.Format(CultureInfo.InvariantCulture, Script, Environment.ProcessId)}'"));
    }

    /// <summary>
    /// These checkers send no pings. A server that may not send any leaves its checkers unconfined, so that fping's own
    /// capability works; where new privileges are forbidden already, there is none to keep.
    /// </summary>
    private static void StartThread(string name, Action run)
    {
        var thread = new Thread(() =>
        {
            Assert.True(Capabilities.ForbidNewPrivileges().Ok);
            run();
        });
        thread.IsBackground = true;
        thread.Name = name;
        thread.Start();
    }

    private string Name(string file) => Path.Combine(_folder.FullName, file);

    private Task<ChildExit?> CheckAsync(string command)
    {
        var ended = new TaskCompletionSource<ChildExit?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _checkers.Start("client", new CheckerRun(Interlocked.Increment(ref _lastRun), command), ended.SetResult);
        return ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }
}
