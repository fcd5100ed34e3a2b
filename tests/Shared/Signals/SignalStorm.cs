using System.Globalization;
using System.Runtime.InteropServices;

namespace Mandos.Tests;

/// <summary>
/// Sends SIGCONT, for which there is a handler, to each thread of this process over and over until disposed: poll(2), epoll_wait(2) and
/// whatever else SA_RESTART does not restart ends with EINTR. In use, the signals are those of children, of the terminal and of the
/// runtime, which stops threads for a garbage collection.
/// </summary>
internal sealed partial class SignalStorm : IDisposable
{
    private const int SIGCONT = 18;

    private readonly PosixSignalRegistration _handler = PosixSignalRegistration.Create(PosixSignal.SIGCONT, static _ => { });
    private readonly Thread _thread;
    private volatile bool _isOver;

    internal SignalStorm()
    {
        _thread = new(Send) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Waits until every thread there is has got a few signals.</summary>
    internal static void Pass() => Thread.Sleep(50);

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
        _handler.Dispose();
    }

    private void Send()
    {
        while (!_isOver)
        {
            foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
                _ = SendTo(Environment.ProcessId, int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), SIGCONT);
            Thread.Sleep(2);
        }
    }

    [LibraryImport("libc", EntryPoint = "tgkill")]
    private static partial int SendTo(int process, int thread, int signal);
}
