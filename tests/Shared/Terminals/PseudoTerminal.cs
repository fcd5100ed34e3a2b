using System.Runtime.InteropServices;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Tests;

/// <summary>A terminal without a screen: what is written to its other end was typed.</summary>
internal sealed unsafe partial class PseudoTerminal : IDisposable
{
    private const uint Echo = 8;
    private int _keys;

    public PseudoTerminal()
    {
        Assert.Equal(0, OpenPty(out _keys, out var terminal, null, null, null));
        Terminal = terminal;
    }

    /// <summary>The descriptor a program has for it.</summary>
    public int Terminal { get; }

    /// <summary>Whether it shows what is typed.</summary>
    public bool Echoes => (BitConverter.ToUInt32(Settings(), 12) & Echo) != 0;

    /// <summary>struct termios.</summary>
    public byte[] Settings()
    {
        var settings = new byte[60];
        fixed (byte* start = settings)
            Assert.Equal(0, TcGetAttr(Terminal, start));
        return settings;
    }

    /// <summary>Another process changes its settings.</summary>
    public void Set(byte[] settings)
    {
        const int TCSANOW = 0;
        fixed (byte* start = settings)
            Assert.Equal(0, TcSetAttr(Terminal, TCSANOW, start));
    }

    /// <summary>Types on the keyboard.</summary>
    public void Type(ReadOnlySpan<byte> keys) => Assert.True(DescriptorIo.WriteAll(_keys, keys, out _).Ok);

    /// <summary>
    /// Fills it with output that no program reads, so that there is room for some bytes, but not for a whole message: poll(2) reports that
    /// it can be written.
    /// </summary>
    public void FillNearly()
    {
        using var terminal = Open($"/proc/self/fd/{Terminal}");
        var piece = new byte[256];
        while (DescriptorIo.Write(terminal.Number, piece, out _).Ok)
        {
        }

        using var wakeup = new Wakeup();
        Span<PollEntry> entries = [default, new PollEntry { Descriptor = Terminal, Events = PollEntry.Writable }];
        for (var i = 0; i < 1000 && entries[1].Returned == 0; i++)
        {
            Assert.True(DescriptorIo.Read(_keys, piece, out _).Ok);
            wakeup.Wait(entries, 10);
        }

        Assert.NotEqual(0, entries[1].Returned);
    }

    private static Descriptor Open(string path)
    {
        Assert.True(Descriptor.OpenForBoth(path, out var terminal).Ok);
        Assert.True(terminal.SetWaiting(false).Ok);
        return terminal;
    }

    /// <summary>The cable is pulled.</summary>
    public void HangUp()
    {
        _ = Close(_keys);
        _keys = -1;
    }

    public void Dispose()
    {
        _ = Close(Terminal);
        if (_keys >= 0)
            HangUp();
    }

    [LibraryImport("libc", EntryPoint = "openpty")]
    private static partial int OpenPty(out int master, out int slave, byte* name, void* settings, void* size);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int TcGetAttr(int fd, byte* settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int TcSetAttr(int fd, int when, byte* settings);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
