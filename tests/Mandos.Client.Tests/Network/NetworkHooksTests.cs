using Mandos.Client.Network;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Network;

public sealed class NetworkHooksTests : IDisposable
{
    private const string Report = """
        echo "$0|$#|$MANDOSNETHOOKDIR|$DEVICE|$MODE|$VERBOSITY|$DELAY|${CONNECT-unset}|$(cat)" >> "$MANDOSNETHOOKDIR/../report"
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly List<string> _warnings = [];
    private readonly List<string> _debug = [];

    private string Hooks => Path.Combine(_root, "hooks");

    private string Marker => Path.Combine(_root, "report");

    private NetworkOptions Options => new()
    {
        HookDirectory = Hooks,
        Warn = _warnings.Add,
        HookTimeLimit = TimeSpan.FromSeconds(30),
    };

    public NetworkHooksTests() => Directory.CreateDirectory(Hooks);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Executable_files_with_valid_names_run_in_order_of_name()
    {
        foreach (var name in new[] { "b", "a.conf", "Z", "9-x_Y", "a b", "a~", "ä", "not", "plain" })
            Hook(name, Report);
        File.SetUnixFileMode(Path.Combine(Hooks, "plain"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Delete(Path.Combine(Hooks, "not"));
        Directory.CreateDirectory(Path.Combine(Hooks, "not"));
        File.CreateSymbolicLink(Path.Combine(Hooks, "link"), Path.Combine(Hooks, "b"));
        File.CreateSymbolicLink(Path.Combine(Hooks, "dangling"), Path.Combine(Hooks, "nothing"));

        await new NetworkHooks(Options, "").StartAsync(Cancellation);

        Assert.Equal(["9-x_Y", "Z", "a.conf", "b", "link"], Reports().Select(report => Path.GetFileName(report[0])));
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("a", true)]
    [InlineData(".hidden", true)]
    [InlineData("A-Z_a.z0", true)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("é", false)]
    public void A_hook_name_consists_of_letters_digits_and_three_punctuation_marks(string name, bool good) =>
        Assert.Equal(good, NetworkHooks.IsHookName(name));

    [Fact]
    public async Task Hooks_get_the_same_variables_as_from_the_original()
    {
        Hook("hook", Report);
        var hooks = new NetworkHooks(
            Options with { Connect = "[fe80::1]:4799", Debug = _debug.Add, Delay = TimeSpan.FromSeconds(0.25) }, "eth0,eth1");

        await hooks.StartAsync(Cancellation);
        await hooks.StopAsync();

        // CONNECT is the same at the end as at the start; standard input was empty (the last field).
        Assert.Equal(
            [["0", Hooks, "eth0,eth1", "start", "1", "0.250000", "[fe80::1]:4799", ""],
             ["0", Hooks, "eth0,eth1", "stop", "1", "0.250000", "[fe80::1]:4799", ""]],
            Reports().Select(report => report[1..]));
        Assert.Equal(2, _debug.Count);
    }

    [Fact]
    public async Task Without_debug_and_connect_hooks_get_VERBOSITY_0_and_no_CONNECT()
    {
        Hook("hook", Report);

        await new NetworkHooks(Options, "").StartAsync(Cancellation);

        Assert.Equal(["0", Hooks, "", "start", "0", "2.500000", "unset", ""], Reports().Single()[1..]);
    }

    [Fact]
    public async Task Argument_0_of_a_network_hook_is_its_file_name()
    {
        // A script would see its path; the kernel gives argument 0 only to programs. This one is made to tell it.
        File.Copy("/bin/bash", Path.Combine(Hooks, "program"));
        var script = Path.Combine(_root, "tell");
        await File.WriteAllTextAsync(script, Report, Cancellation);
        Environment.SetEnvironmentVariable("BASH_ENV", script);
        try
        {
            await new NetworkHooks(Options, "").StartAsync(Cancellation);
        }
        finally
        {
            Environment.SetEnvironmentVariable("BASH_ENV", null);
        }

        Assert.Equal(["program", "0"], Reports().Single()[..2]);
    }

    [Fact]
    public async Task A_hook_that_fails_is_a_warning_and_the_next_one_runs()
    {
        Hook("1", "exit 3");
        Hook("2", "kill -KILL $$");
        File.WriteAllText(Path.Combine(Hooks, "3"), "#!/nonexistent/interpreter\n");
        File.SetUnixFileMode(Path.Combine(Hooks, "3"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Hook("4", Report);

        await new NetworkHooks(Options, "").StartAsync(Cancellation);

        Assert.Equal("network hook \"1\": exit status 3", _warnings[0]);
        Assert.Equal("network hook \"2\": killed by signal 9", _warnings[1]);
        Assert.StartsWith("cannot run network hook \"3\": ", _warnings[2], StringComparison.Ordinal);
        Assert.Equal(3, _warnings.Count);
        Assert.Single(Reports());
    }

    [Fact]
    public async Task A_hook_that_does_not_exit_is_killed_with_all_its_children()
    {
        Hook("1", "sleep 600 & echo $! > \"$MANDOSNETHOOKDIR/../child\"; wait");
        Hook("2", Report);
        var time = new FakeTimeProvider();
        var child = new FileInfo(Path.Combine(_root, "child"));

        var start = new NetworkHooks(
            Options with { HookTimeLimit = TimeSpan.FromMilliseconds(300), Time = time }, "").StartAsync(Cancellation);
        while (child is not { Exists: true, Length: > 0 })
        {
            await Task.Delay(10, Cancellation);
            child.Refresh();
        }

        time.Advance(TimeSpan.FromMilliseconds(300));
        await start;

        Assert.Equal(["network hook \"1\" is still running after 0.3 s: killing it"], _warnings);
        Assert.Single(Reports());
        var number = (await File.ReadAllTextAsync(child.FullName, Cancellation)).Trim();
        Assert.False(Runs(number));
    }

    [Fact]
    public async Task Cancellation_kills_the_running_hook_and_starts_no_other()
    {
        Hook("1", $"{Report}\nexec sleep 60");
        Hook("2", Report);
        using var cancellation = new CancellationTokenSource();

        var start = new NetworkHooks(Options, "").StartAsync(cancellation.Token);
        while (new FileInfo(Marker) is not { Exists: true, Length: > 0 })
            await Task.Delay(10, Cancellation);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.Single(Reports());
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_missing_hook_directory_is_logged_only_in_debug_mode()
    {
        var options = Options with { HookDirectory = Path.Combine(_root, "missing") };

        await new NetworkHooks(options, "").StartAsync(Cancellation);
        await new NetworkHooks(options with { Debug = _debug.Add }, "").StartAsync(Cancellation);

        Assert.Empty(_warnings);
        Assert.Single(_debug);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private void Hook(string name, string script)
    {
        var path = Path.Combine(Hooks, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Not when it is a zombie, whose parent takes its time.</summary>
    private static bool Runs(string process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private string[][] Reports() =>
        File.Exists(Marker) ? [.. File.ReadAllLines(Marker).Select(line => line.Split('|'))] : [];
}
