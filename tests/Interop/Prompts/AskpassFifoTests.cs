namespace Mandos.Interop.Prompts;

/// <summary>askpass-fifo: ours does what the original's does.</summary>
public sealed class AskpassFifoTests : InteropTest
{
    private const string Folder = "/lib/cryptsetup";
    private const string Fifo = $"{Folder}/passfifo";

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(release => release.Suite)];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Data_written_to_the_fifo_is_printed_byte_for_byte(string suite)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Named(suite));
        var secret = "a\0b\nc\n"u8.ToArray();
        machine.WriteFile("/run/secret", secret);
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            await PrepareAsync(machine, $"mkdir {Folder}");
            await using var plugin = await StartAsync(machine, implementation);
            await machine.ShellAsync($"cat /run/secret >{Fifo}", Token);
            Assert.Equal(secret, (await plugin.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow().Output);
            // It stays for the next question.
            Assert.Equal("prw------- 0 0\n", await machine.ShellAsync($"stat -c '%A %u %g' {Fifo}", Token));
        }
    }

    [Theory]
    [InlineData("true", 69)]
    [InlineData($"touch {Folder}", 72)]
    [InlineData($"ln -s cryptsetup {Folder}", 72)]
    [InlineData($"mkdir -p {Fifo}", 69)]
    public async Task A_FIFO_that_cannot_be_created_or_read_gives_the_same_exit_status_as_the_original(string preparation, int expected)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        await PrepareAsync(machine, preparation);
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            var done = await machine.RunAsync(
                new(), TimeSpan.FromSeconds(20), Token, await Plugins.PathAsync(machine, implementation, "askpass-fifo", Token));
            Assert.Equal(expected, done.ExitCode);
            Assert.Empty(done.Output);
            Assert.NotEmpty(done.Errors);
        }
    }

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("INT", 2)]
    [InlineData("HUP", 1)]
    public async Task Both_implementations_exit_at_once_on_a_signal(string signal, int number)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            await PrepareAsync(machine, $"mkdir {Folder}");
            await using var plugin = await StartAsync(machine, implementation);
            plugin.Signal(signal);
            var done = await plugin.WaitAsync(TimeSpan.FromSeconds(10), Token);
            Assert.Equal(128 + number, done.ExitCode);
            Assert.Empty(done.Output);
        }
    }

    [Fact]
    public async Task Root_privileges_are_dropped_for_good_as_soon_as_the_fifo_is_open()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        await PrepareAsync(machine, $"mkdir {Folder}");
        var path = await Plugins.PathAsync(machine, Implementation.Ours, "askpass-fifo", Token);
        await using var plugin = machine.Start(
            new(), "/usr/bin/setpriv", "--ruid=65534", "--euid=0", "--rgid=65534", "--egid=0", "--clear-groups", path, "--debug");
        await plugin.WaitForLineAsync("waiting for a password", TimeSpan.FromSeconds(20), Token);
        await using var writer = machine.Start(
            new(), "/bin/sh", "-c", $"exec 3>{Fifo}; echo open; until [ -e /run/go ]; do sleep 0.02; done; printf x >&3");
        await writer.WaitForLineAsync("^open$", TimeSpan.FromSeconds(20), Token);

        var began = TimeProvider.System.GetTimestamp();
        while (ProcessTree.Status(plugin.Inner(), "Uid").Contains("\t0", StringComparison.Ordinal)
            && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(1))
            await Task.Delay(10, Token);
        Assert.Equal("65534\t65534\t65534\t65534", ProcessTree.Status(plugin.Inner(), "Uid"));
        Assert.Equal("65534\t65534\t65534\t65534", ProcessTree.Status(plugin.Inner(), "Gid"));
        machine.WriteFile("/run/go", "");
        Assert.Equal("x", (await plugin.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow().Text);
    }

    [Fact]
    public async Task An_empty_write_to_the_fifo_is_a_temporary_failure()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        await PrepareAsync(machine, $"mkdir {Folder}");
        await using var plugin = await StartAsync(machine, Implementation.Ours);
        await machine.ShellAsync($": >{Fifo}", Token);
        Assert.Equal(75, (await plugin.WaitAsync(TimeSpan.FromSeconds(20), Token)).ExitCode);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    public async Task Help_and_version_exit_with_64(string option)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        foreach (var name in new[] { "askpass-fifo", "plymouth", "password-prompt" })
        {
            var done = await machine.RunAsync(
                new(), TimeSpan.FromSeconds(20), Token, await Plugins.PathAsync(machine, Implementation.Ours, name, Token), option);
            Assert.Equal(64, done.ExitCode);
            Assert.Contains(name, done.Text, StringComparison.Ordinal);
            Assert.Empty(done.Errors);
        }
    }

    private static Task<string> PrepareAsync(Machine machine, string preparation) =>
        machine.ShellAsync($"rm -rf {Folder}; {preparation}", Token);

    /// <summary>Started, and at its FIFO.</summary>
    private static async Task<RunningProcess> StartAsync(Machine machine, Implementation implementation)
    {
        var plugin = machine.Start(new(), await Plugins.PathAsync(machine, implementation, "askpass-fifo", Token));
        await machine.ShellAsync($"until [ -p {Fifo} ]; do sleep 0.02; done; sleep 0.1", Token);
        return plugin;
    }
}
