using System.Runtime.InteropServices;
using Mandos.Core.Linux;

namespace Mandos.Core.Tests;

public sealed unsafe partial class TerminalEchoTests
{
    private const uint Echo = 8;

    [Fact]
    public void The_echo_is_off_until_disposal_and_then_everything_is_as_before()
    {
        using var terminal = new PseudoTerminal();
        var before = terminal.Settings();
        Assert.Equal(Echo, LocalFlags(before) & Echo);

        using (TerminalEcho.Stop(terminal.Slave))
            Assert.Equal(0u, LocalFlags(terminal.Settings()) & Echo);

        Assert.Equal(before, terminal.Settings());
    }

    [Fact]
    public void A_terminal_is_told_from_a_file()
    {
        using var terminal = new PseudoTerminal();
        using var file = File.OpenHandle("/dev/null");

        Assert.True(TerminalEcho.IsTerminal(terminal.Slave));
        Assert.False(TerminalEcho.IsTerminal((int)file.DangerousGetHandle()));
        Assert.Null(TerminalEcho.Stop((int)file.DangerousGetHandle()));
    }

    private static uint LocalFlags(byte[] settings) => BitConverter.ToUInt32(settings, 12);

    private sealed partial class PseudoTerminal : IDisposable
    {
        private readonly int _master;

        public PseudoTerminal()
        {
            Assert.Equal(0, OpenPty(out _master, out var slave, null, null, null));
            Slave = slave;
        }

        public int Slave { get; }

        public byte[] Settings()
        {
            var settings = new byte[60];
            fixed (byte* start = settings)
                Assert.Equal(0, TcGetAttr(Slave, start));
            return settings;
        }

        public void Dispose()
        {
            _ = Close(Slave);
            _ = Close(_master);
        }

        [LibraryImport("libc", EntryPoint = "openpty")]
        private static partial int OpenPty(out int master, out int slave, byte* name, void* settings, void* size);

        [LibraryImport("libc", EntryPoint = "tcgetattr")]
        private static partial int TcGetAttr(int fd, byte* settings);

        [LibraryImport("libc", EntryPoint = "close")]
        private static partial int Close(int fd);
    }
}
