using System.Text;

namespace Mandos.Interop.Prompts;

/// <summary>password-prompt on a terminal: ours does what the original's does.</summary>
public sealed class PasswordPromptTests : InteropTest
{
    private const string Plain = "Enter passphrase to unlock the disk: ";
    private const string Named = "Enter passphrase: ";

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(release => release.Suite)];

    private static IReadOnlyList<(string Case, Func<string, TerminalSession> Session)> Sessions =>
    [
        ("a password", p => new TerminalSession(p).AwaitPrompt(Plain).Type("secret\n")),
        ("an empty one", p => new TerminalSession(p).AwaitPrompt(Plain).Type("\n")),
        ("an end of file first", p => new TerminalSession(p).AwaitPrompt(Plain).Type("\u0004").AwaitPrompt(Plain).Type("x\n")),
        ("an end of file within", p => new TerminalSession(p).AwaitPrompt(Plain).Type("ab\u0004cd\n")),
        ("an end of file at the end", p => new TerminalSession(p).AwaitPrompt(Plain).Type("ab\u0004\u0004")),
        ("a zero byte", p => new TerminalSession(p).AwaitPrompt(Plain).Type("ab\0c\n")),
        ("a long one", p => new TerminalSession(p).AwaitPrompt(Plain).Type(new string('x', 3000) + "\n")),
        ("letters of two bytes", p => new TerminalSession(p).AwaitPrompt(Plain).Type("lösenord\n")),
        ("typing that goes on", p => new TerminalSession(p).AwaitPrompt(Plain).Type("a\nrest\n")),
        ("a prefix", p => new TerminalSession(p, "--prefix=PRE").AwaitPrompt(Plain).Type("a\n")),
        ("prefix and prompt", p => new TerminalSession(p, "-pPRE", "--prompt=Give").AwaitPrompt("Give: ").Type("a\n")),
        ("an empty prompt", p => new TerminalSession(p, "--prompt=").AwaitPrompt(": ").Type("a\n")),
        ("an empty prefix", p => new TerminalSession(p, "--prefix=").AwaitPrompt(Plain).Type("a\n")),
        (
            "a disk",
            p => new TerminalSession(p).With("CRYPTTAB_SOURCE", "/dev/sda1").With("CRYPTTAB_NAME", "root").AwaitPrompt(Named).Type("a\n")),
        (
            "a disk with a prefix",
            p =>
                new TerminalSession(p, "-p", "PRE")
                    .With("CRYPTTAB_SOURCE", "/dev/sda1")
                    .With("CRYPTTAB_NAME", "root")
                    .AwaitPrompt(Named)
                    .Type("a\n")),
        (
            "a disk of older scripts",
            p => new TerminalSession(p).With("cryptsource", "/dev/sda1").With("crypttarget", "root").AwaitPrompt(Named).Type("a\n")),
        ("a source", p => new TerminalSession(p).With("CRYPTTAB_SOURCE", "/dev/sda1").AwaitPrompt(Named).Type("a\n")),
        ("a name", p => new TerminalSession(p).With("CRYPTTAB_NAME", "root").AwaitPrompt(Named).Type("a\n")),
        ("SIGTERM", p => new TerminalSession(p).AwaitPrompt(Plain).Type("abc").Signal(15)),
        ("SIGINT", p => new TerminalSession(p).AwaitPrompt(Plain).Type("abc").Signal(2)),
        ("SIGHUP", p => new TerminalSession(p).AwaitPrompt(Plain).Signal(1)),
        ("Ctrl-C", p => new TerminalSession(p).AwaitPrompt(Plain).Type("abc\u0003")),
    ];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_same_keys_and_signals_have_the_same_effect(string suite)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Named(suite));
        var original = await Plugins.PathAsync(machine, Implementation.Original, "password-prompt", Token);
        var ours = await Plugins.PathAsync(machine, Implementation.Ours, "password-prompt", Token);
        foreach (var (name, session) in Sessions)
        {
            var expected = await session(original).RunAsync(machine, Token);
            var actual = await session(ours).RunAsync(machine, Token);
            Assert.True(expected == actual, $"{name}:\n{expected}\n{actual}");
            // What both must do, so that nothing is the same for a wrong reason.
            Assert.True(actual is { Silent: true, Restored: true, Shown: "", Unread: 0 }, $"{name}: {actual}");
        }
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/etc/passwd")]
    [InlineData("&-")]
    public async Task Without_a_terminal_both_are_unavailable(string input)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            var plugin = await Plugins.PathAsync(machine, implementation, "password-prompt", Token);
            var done = await machine.RunAsync(new(), TimeSpan.FromSeconds(20), Token, "/bin/sh", "-c", $"exec {plugin} <{input}");
            Assert.Equal(69, done.ExitCode);
            Assert.Empty(done.Output);
            Assert.NotEmpty(done.Errors);
        }
    }

    [Theory]
    [InlineData("mkdir -p /run/plymouth; echo >/run/plymouth/pid")]
    [InlineData("cp /bin/sleep /run/plymouthd; /run/plymouthd 60 >/dev/null 2>&1 &")]
    public async Task Both_leave_the_screen_to_Plymouth(string presence)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        await machine.ShellAsync(presence, Token);
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            var plugin = await Plugins.PathAsync(machine, implementation, "password-prompt", Token);
            var result = await new TerminalSession(plugin).RunAsync(machine, Token);
            Assert.Equal(new TerminalResult(1, null, "", "", "", null, true, 0), result);
        }
    }

    [Fact]
    public async Task The_prompt_needs_no_root_privileges()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var plugin = await Plugins.PathAsync(machine, Implementation.Ours, "password-prompt", Token);
        var result = await new TerminalSession("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", plugin)
            .AwaitPrompt(Plain).Type("secret\n").RunAsync(machine, Token);
        Assert.Equal("secret", Encoding.UTF8.GetString(Convert.FromHexString(result.Output)));
        Assert.True(result is { ExitCode: 0, Silent: true, Restored: true }, $"{result}");
    }

    [Fact]
    public async Task The_terminal_is_restored_after_a_signal_that_the_original_does_not_catch()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var plugin = await Plugins.PathAsync(machine, Implementation.Ours, "password-prompt", Token);
        var result = await new TerminalSession(plugin).AwaitPrompt(Plain).Type("abc\u001c").RunAsync(machine, Token);
        Assert.True(result is { Signal: 3, Output: "", Silent: true, Restored: true, Unread: 0 }, $"{result}");
    }

    [Fact]
    public async Task Both_exit_with_the_same_status_when_the_terminal_hangs_up()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            var plugin = await Plugins.PathAsync(machine, implementation, "password-prompt", Token);
            // nohup: SIGHUP alone would end it.
            var result = await new TerminalSession("/bin/sh", "-c", $"trap '' HUP; exec {plugin}")
                .AwaitPrompt(Plain)
                .HangUp()
                .RunAsync(machine, Token);
            Assert.Equal(74, result.ExitCode);
            Assert.Empty(result.Output);
        }
    }

    [Fact]
    public async Task A_password_that_cannot_be_written_is_a_temporary_failure()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var plugin = await Plugins.PathAsync(machine, Implementation.Ours, "password-prompt", Token);
        var result = await new TerminalSession("/bin/sh", "-c", $"exec {plugin} >/dev/full")
            .AwaitPrompt(Plain)
            .Type("secret\n")
            .RunAsync(machine, Token);
        Assert.Equal(75, result.ExitCode);
        Assert.DoesNotContain("secret", result.Errors, StringComparison.Ordinal);
    }
}
