using System.Runtime.InteropServices;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;

namespace Mandos.Core.Tests.Linux;

public sealed partial class TerminalEchoTests
{
    [Fact]
    public void Echo_is_off_until_disposal_and_then_the_terminal_is_restored()
    {
        using var terminal = new PseudoTerminal();
        var before = terminal.Settings();
        Assert.True(terminal.Echoes);

        using (TerminalEcho.Stop(terminal.Terminal))
            Assert.False(terminal.Echoes);

        Assert.Equal(before, terminal.Settings());
    }

    [Fact]
    public void A_terminal_is_distinguished_from_a_file()
    {
        using var terminal = new PseudoTerminal();
        using var file = File.OpenHandle("/dev/null");
        var descriptor = (int)file.DangerousGetHandle();

        Assert.True(TerminalEcho.IsTerminal(terminal.Terminal));
        Assert.False(TerminalEcho.IsTerminal(descriptor));
        Assert.Null(TerminalEcho.Stop(descriptor, discardInput: true, onSignal: null, out var error));
        Assert.Equal(Errno.NotATerminal, error.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Unread_input_is_discarded_on_request(bool discard)
    {
        using var terminal = new PseudoTerminal();
        using (TerminalEcho.Stop(terminal.Terminal, discard, onSignal: null, out _))
        {
            terminal.Type("left\n"u8);
            // It takes the kernel a moment to carry it over.
            Assert.True(DescriptorIo.WaitUntilReadable(terminal.Terminal, 10_000));
        }

        Assert.Equal(!discard, DescriptorIo.WaitUntilReadable(terminal.Terminal, 0));
    }

    [Fact]
    public async Task A_stopped_program_continues_without_echo()
    {
        const int SIGCONT = 18;
        using var terminal = new PseudoTerminal();
        var before = terminal.Settings();
        using (TerminalEcho.Stop(terminal.Terminal))
        {
            terminal.Set(before);
            Assert.Equal(0, Kill(Environment.ProcessId, SIGCONT));

            for (var i = 0; terminal.Echoes && i < 1000; i++)
                await Task.Delay(10, TestContext.Current.CancellationToken);
            Assert.False(terminal.Echoes);
        }

        Assert.Equal(before, terminal.Settings());
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
