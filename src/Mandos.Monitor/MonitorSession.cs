using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Mandos.BusClient;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Monitor.Device;
using Mandos.Monitor.Drawing;
using Mandos.Monitor.Following;
using Mandos.Monitor.Keyboard;
using Mandos.Monitor.Views;

namespace Mandos.Monitor;

/// <summary>The program on a terminal, from the first picture to the last key.</summary>
internal sealed class MonitorSession(
    TerminalFeatures features, TerminalSettings before, Func<CancellationToken, Task<ServerConnection>> connect, TimeProvider time)
    : IDisposable
{
    /// <summary>The screen changes at most so often by itself; keys are answered at once.</summary>
    private static readonly TimeSpan FramePause = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the rest of a control sequence may take, over a slow line too.</summary>
    private const int EscapeMilliseconds = 100;

    private readonly SemaphoreSlim _wake = new(0);
    private readonly ConcurrentQueue<Key> _keys = new();
    private readonly ScreenUpdate _screen = new(features);
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _output = new();
    private volatile bool _isDisturbed;
    private bool _isOpen;

    /// <summary>Runs until the operator quits, or a signal or the end of the terminal ends it.</summary>
    internal async Task RunAsync()
    {
        var model = new MonitorModel(time);
        var follower = new ServerFollower(model, connect, Wake, time);
        var view = new MonitorView(model, (client, act) => _ = follower.DoAsync($"{client.Name}: {act.Verb()}", Call(client, act)));
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Wake());
        using var stopped = PosixSignalRegistration.Create(PosixSignal.SIGTSTP, _ => Close());
        using var continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, context =>
        {
            context.Cancel = true;
            _isDisturbed = true;
            Wake();
        });
        using var interrupted = EndOn(PosixSignal.SIGINT);
        using var terminated = EndOn(PosixSignal.SIGTERM);
        using var hungUp = EndOn(PosixSignal.SIGHUP);
        using var quit = EndOn(PosixSignal.SIGQUIT);
        new Thread(ReadUntilOver) { IsBackground = true, Name = "keys" }.Start();
        Open();
        try
        {
            var following = follower.RunAsync(_over.Token);
            await ShowAsync(model, view).ConfigureAwait(false);
            await _over.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Close();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _wake.Dispose();
        _over.Dispose();
    }

    private async Task ShowAsync(MonitorModel model, MonitorView view)
    {
        while (!_over.IsCancellationRequested)
        {
            if (_isDisturbed)
                Open();
            string update;
            lock (model.Lock)
            {
                while (_keys.TryDequeue(out var key))
                    view.Press(key);
                if (view.IsOver)
                    return;
                if (view.WantsRedraw)
                    _screen.Forget();
                view.WantsRedraw = false;
                var (columns, rows) = TerminalSize.Of(1) ?? (80, 24);
                update = _screen.To(view.Draw(columns, rows, features.IsUtf8, time.GetUtcNow()));
            }

            Write(update);
            var began = time.GetTimestamp();
            await WaitAsync().ConfigureAwait(false);
            // What happens by itself waits for the next picture; a key does not.
            while (_keys.IsEmpty && !_over.IsCancellationRequested && FramePause - time.GetElapsedTime(began) is { Ticks: > 0 } rest)
                await _wake.WaitAsync(rest).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until something happens, or the next second begins and with it the countdowns change.</summary>
    private async Task WaitAsync()
    {
        var toNext = TimeSpan.FromMilliseconds(1000 - time.GetUtcNow().Millisecond);
        if (!await _wake.WaitAsync(toNext).ConfigureAwait(false))
            return;
        // One picture serves everything that has happened.
        while (_wake.Wait(0))
        {
        }
    }

    private void ReadUntilOver()
    {
        try
        {
            ReadKeys();
        }
        catch (ObjectDisposedException)
        {
            // A key after the last picture.
        }
    }

    private void ReadKeys()
    {
        var reader = new KeyReader();
        Span<byte> bytes = stackalloc byte[256];
        while (true)
        {
            if (reader.IsIncomplete && !DescriptorIo.WaitUntilReadable(0, EscapeMilliseconds))
            {
                Press(reader.Flush());
                continue;
            }

            var error = DescriptorIo.Read(0, bytes, out var count);
            if (!error.Ok || count == 0)
                break;
            Press(reader.Take(bytes[..count]));
        }

        // The terminal is gone.
        _over.Cancel();
        Wake();
    }

    private void Press(List<Key> keys)
    {
        foreach (var key in keys)
            _keys.Enqueue(key);
        Wake();
    }

    private void Wake()
    {
        // A second one is not needed; if two threads come at once, it does no harm.
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    private PosixSignalRegistration EndOn(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _over.Cancel();
        Wake();
    });

    private void Open()
    {
        lock (_output)
        {
            _isDisturbed = false;
            _isOpen = true;
            before.Raw().Apply(0);
            _screen.Forget();
            Send(_screen.Begin);
        }
    }

    private void Close()
    {
        lock (_output)
        {
            if (!_isOpen)
                return;
            _isOpen = false;
            Send(_screen.End);
            before.Apply(0);
        }
    }

    private void Write(string update)
    {
        lock (_output)
        {
            if (_isOpen && update.Length > 0)
                Send(update);
        }
    }

    private void Send(string text)
    {
        if (!DescriptorIo.WriteAll(1, Encoding.UTF8.GetBytes(text), out _).Ok)
            _over.Cancel();
    }

    private static Func<ServerConnection, Task> Call(ClientState client, ClientAct act) => server => act switch
    {
        ClientAct.Approve => server.ApproveAsync(client.Path, approve: true, CancellationToken.None),
        ClientAct.Deny => server.ApproveAsync(client.Path, approve: false, CancellationToken.None),
        ClientAct.Enable => server.SetAsync(client.Path, "Enabled", true, CancellationToken.None),
        ClientAct.Disable => server.SetAsync(client.Path, "Enabled", false, CancellationToken.None),
        ClientAct.StartChecker => server.SetAsync(client.Path, "CheckerRunning", true, CancellationToken.None),
        ClientAct.StopChecker => server.SetAsync(client.Path, "CheckerRunning", false, CancellationToken.None),
        ClientAct.CountAsChecked => server.SetAsync(client.Path, "LastCheckedOK", "", CancellationToken.None),
        _ => server.RemoveAsync(client.Path, CancellationToken.None),
    };
}
