using Mandos.Bus.Messages;
using Mandos.Core.Linux;

namespace Mandos.Bus.Connections;

/// <summary>
/// The only thread that uses sd-bus: it takes messages one by one, does what other threads request, and waits. It ends when the connection
/// is lost.
/// </summary>
#pragma warning disable CA1001 // The thread disposes its queue when it ends.
internal sealed class BusThread
#pragma warning restore CA1001
{
    /// <summary>The maximum number of consecutive failures of libsystemd without a message in between.</summary>
    private const int MostFailures = 1000;

    private readonly WorkQueue _work = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SendProgress _progress;
    private readonly string _address;
    private readonly Action<nint> _dispatch;
    private readonly Action<BusConnectionException> _ended;
    private int _failures;
    private bool _stop;

    /// <param name="address">As in <see cref="BusAddress"/>.</param>
    /// <param name="dispatch">Handles each received message, which is released afterwards.</param>
    /// <param name="ended">Called once, at the end.</param>
    /// <param name="time">The clock for how long the bus may take nothing.</param>
    internal BusThread(string address, Action<nint> dispatch, Action<BusConnectionException> ended, TimeProvider time)
    {
        _address = address;
        _dispatch = dispatch;
        _ended = ended;
        _progress = new SendProgress(time);
    }

    /// <summary>Connects. Received messages are dispatched from now on.</summary>
    internal void Start() => new Thread(Run) { IsBackground = true, Name = "bus" }.Start();

    /// <summary>Completes when the bus has accepted the connection; fails if it is lost before.</summary>
    internal Task Ready => _ready.Task;

    /// <summary>Completes when the thread has ended.</summary>
    internal Task Closed => _closed.Task;

    /// <summary>The unique name on the bus.</summary>
    internal string UniqueName { get; private set; } = "";

    /// <summary>The object of sd-bus, for this thread only.</summary>
    internal nint Bus { get; private set; }

    /// <summary>
    /// Runs work on the thread. <paramref name="fail"/> is called instead if the thread has ended, or with the exception of the work.
    /// </summary>
    internal void Post(Action run, Action<Exception> fail)
    {
        if (!_work.TryAdd(run, fail))
            fail(Lost());
    }

    /// <summary>Ends the thread; <see cref="Closed"/> completes.</summary>
    internal void Stop() => Post(() => _stop = true, static _ => { });

    /// <summary>Posts work and waits until more can be sent, or until everything that was sent has been taken.</summary>
    internal Task PostAsync(Action? run, bool untilEmpty)
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(
            () =>
            {
                run?.Invoke();
                _progress.Await(taken, untilEmpty);
            },
            e => taken.TrySetException(e));
        return taken.Task;
    }

    /// <summary>Sends a finished message, on the thread. The result is negative if that fails.</summary>
    internal unsafe int Send(nint message, ulong* cookie)
    {
        _progress.Sent();
        return SdBus.Send(Bus, message, cookie);
    }

    /// <summary>The exception for a lost connection.</summary>
    internal static BusConnectionException Lost(string reason = "the connection to the bus was lost") => new(reason);

    /// <summary>The system's text for a result of libsystemd.</summary>
    internal static string Describe(int result) => new Errno(-result).ToString();

    private void Run()
    {
        var reason = Lost();
        try
        {
            Open();
            while (!_stop && RunRound())
            {
            }
        }
        catch (BusConnectionException e)
        {
            reason = e;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            reason = new BusConnectionException("libsystemd.so.0 is missing or too old", isPermanent: true);
        }
        catch (Exception e)
        {
            // An unhandled exception on this thread would end the process, which a lost connection does not justify.
            reason = Lost($"internal error on the connection to the bus: {SystemFailure.Reason(e)}");
        }

        End(reason);
    }

    private void Open()
    {
        Require(SdBus.New(out var bus));
        Bus = bus;
        Require(SdBus.SetAddress(Bus, _address));
        Require(SdBus.SetBusClient(Bus, 1));
        Require(SdBus.NegotiateDescriptors(Bus, 0));
        Require(SdBus.Start(Bus));
    }

    private static void Require(int result)
    {
        if (result < 0)
            throw Lost($"cannot connect to the bus: {Describe(result)}");
    }

    /// <summary>Does the work of others, handles one message, or waits. False if the connection is lost.</summary>
    private bool RunRound()
    {
        _work.Run();
        var result = SdBus.Process(Bus, out var message);
        if (message != 0)
        {
            _dispatch(message);
            _ = SdBus.Unreference(message);
        }

        if (!SurvivesResult(result))
            return _ready.Task.IsCompleted ? false : throw Lost($"cannot connect to the bus: {Describe(result)}");
        if (!_ready.Task.IsCompleted && SdBus.IsReady(Bus) > 0)
            ReportReady();
        if (SdBus.GetQueuedWrites(Bus, out var queued) >= 0)
            _progress.Report(queued);

        // After a failure too: nothing is retried before there is something new.
        if (result <= 0 && !_stop)
            Wait();
        return true;
    }

    /// <summary>
    /// Whether to continue after an error. It may not concern the connection: libsystemd answers some calls itself
    /// (org.freedesktop.DBus.Peer), and errors in that appear here. Their number is limited, as they would otherwise keep this thread busy.
    /// </summary>
    private bool SurvivesResult(int result)
    {
        _failures = result < 0 ? _failures + 1 : 0;
        return result >= 0 || (_ready.Task.IsCompleted && _failures < MostFailures && SdBus.IsOpen(Bus) > 0);
    }

    private unsafe void ReportReady()
    {
        Require(SdBus.GetUniqueName(Bus, out var name));
        UniqueName = BusReader.Text(name);
        _ready.TrySetResult();
    }

    private void Wait()
    {
        var descriptor = SdBus.GetDescriptor(Bus);
        var events = SdBus.GetEvents(Bus);
        if (descriptor < 0 || events < 0)
            return;
        _work.Wait(descriptor, (short)events, Milliseconds());
    }

    /// <summary>The time until sd-bus must be called without new data (while it registers), or progress must be checked.</summary>
    private int Milliseconds()
    {
        var longest = _progress.LookAgain;
        if (SdBus.GetTimeout(Bus, out var microseconds) <= 0 || microseconds == ulong.MaxValue)
            return longest;
        // The same clock: CLOCK_MONOTONIC.
        var now = (ulong)TimeProvider.System.GetElapsedTime(0).TotalMicroseconds;
        return microseconds <= now ? 0 : (int)Math.Min((microseconds - now + 999) / 1000, (ulong)(longest < 0 ? 60_000 : longest));
    }

    private void End(BusConnectionException reason)
    {
        var left = _work.End();
        _ended(reason);
        if (Bus != 0)
            _ = SdBus.CloseUnref(Bus);
        Bus = 0;
        foreach (var fail in left)
            fail(reason);
        _progress.End(reason);
        _ready.TrySetException(reason);
        _work.Dispose();
        _closed.TrySetResult();
    }
}
