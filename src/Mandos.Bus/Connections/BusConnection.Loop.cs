using Mandos.Bus.Messages;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Bus.Connections;

/// <summary>The thread: takes messages one by one, does what others ask for, waits.</summary>
public sealed partial class BusConnection
{
    /// <summary>Messages that the bus has not taken yet, above which those who send much wait.</summary>
    private const ulong Room = 256;

    /// <summary>Signals that are sent before the next look at how much room there is.</summary>
    private const int Together = 200;

    /// <summary>Failures of libsystemd in a row, without a message between them.</summary>
    private const int MostFailures = 1000;

    private const byte MethodCall = 1;
    private const byte MethodReturn = 2;
    private const byte MethodError = 3;
    private const byte Signal = 4;

    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _waitingForRoom = [];
    private readonly List<TaskCompletionSource> _waitingForEmpty = [];
    private readonly HashSet<nint> _unanswered = [];
    private Wakeup? _wakeup;
    private List<Work> _posted = [];
    private int _failures;
    private bool _ended;
    private bool _stop;
    private nint _bus;

    private sealed record Work(Action Run, Action<Exception> Fail);

    private void StartThread(string address)
    {
        _wakeup = new Wakeup();
        new Thread(() => Run(address)) { IsBackground = true, Name = "bus" }.Start();
    }

    /// <summary>Has the thread do something; <paramref name="fail"/> is called instead if there is none any more, or if it fails.</summary>
    private void Post(Action run, Action<Exception> fail)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _posted.Add(new(run, fail));
                _wakeup!.Wake();
                return;
            }
        }

        fail(Lost());
    }

    private void Run(string address)
    {
        var reason = Lost();
        try
        {
            Open(address);
            while (!_stop && ProcessOne())
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
            // On its own thread it would end the process; a connection is no reason for that.
            reason = Lost($"internal error on the connection to the bus: {SystemFailure.Reason(e)}");
        }

        End(reason);
    }

    private void Open(string address)
    {
        Require(SdBus.New(out _bus));
        Require(SdBus.SetAddress(_bus, address));
        Require(SdBus.SetBusClient(_bus, 1));
        Require(SdBus.NegotiateDescriptors(_bus, 0));
        Require(SdBus.Start(_bus));
    }

    private static void Require(int result)
    {
        if (result < 0)
            throw Lost($"no connection to the bus: {Describe(result)}");
    }

    /// <summary>One turn: what others ask for, one message, or a wait. False: the connection is lost.</summary>
    private bool ProcessOne()
    {
        RunPosted();
        var result = SdBus.Process(_bus, out var message);
        if (message != 0)
        {
            Dispatch(message);
            _ = SdBus.Unreference(message);
        }

        if (!SurvivesResult(result))
            return _ready.Task.IsCompleted ? false : throw Lost($"no connection to the bus: {Describe(result)}");
        if (!_ready.Task.IsCompleted && SdBus.IsReady(_bus) > 0)
            ReportReady();
        if (SdBus.GetQueuedWrites(_bus, out var queued) >= 0)
        {
            ReportRoom(queued);
            CheckProgress(queued);
        }

        // After a failure too: whatever it was, it is not tried again before there is something new.
        if (result <= 0 && !_stop)
            Wait();
        return true;
    }

    /// <summary>
    /// An error need not be one of the connection: libsystemd answers some calls itself (org.freedesktop.DBus.Peer), and what
    /// goes wrong there comes out here. Without an end it would keep this thread busy for nothing, so not any number of them.
    /// </summary>
    private bool SurvivesResult(int result)
    {
        _failures = result < 0 ? _failures + 1 : 0;
        return result >= 0 || (_ready.Task.IsCompleted && _failures < MostFailures && SdBus.IsOpen(_bus) > 0);
    }

    private void RunPosted()
    {
        List<Work> works;
        lock (_gate)
        {
            if (_posted.Count == 0)
                return;
            works = _posted;
            _posted = [];
        }

        foreach (var work in works)
            Do(work);
    }

    private static void Do(Work work)
    {
        try
        {
            work.Run();
        }
        catch (Exception e)
        {
            work.Fail(e);
        }
    }

    private unsafe void ReportReady()
    {
        Require(SdBus.GetUniqueName(_bus, out var name));
        UniqueName = BusReader.Text(name);
        _ready.TrySetResult();
    }

    private void ReportRoom(ulong queued)
    {
        if (queued < Room)
            Complete(_waitingForRoom);
        if (queued == 0)
            Complete(_waitingForEmpty);

        static void Complete(List<TaskCompletionSource> waiting)
        {
            foreach (var one in waiting)
                one.TrySetResult();
            waiting.Clear();
        }
    }

    private void Wait()
    {
        var descriptor = SdBus.GetDescriptor(_bus);
        var events = SdBus.GetEvents(_bus);
        if (descriptor < 0 || events < 0)
            return;
        _wakeup!.Wait(descriptor, (short)events, Milliseconds());
    }

    /// <summary>Until sd-bus wants to be called though nothing has come (while it says hello), or it is to be looked at.</summary>
    private int Milliseconds()
    {
        var longest = _isWaiting ? LookAgain : -1;
        if (SdBus.GetTimeout(_bus, out var microseconds) <= 0 || microseconds == ulong.MaxValue)
            return longest;
        // The same clock: CLOCK_MONOTONIC.
        var now = (ulong)TimeProvider.System.GetElapsedTime(0).TotalMicroseconds;
        return microseconds <= now ? 0 : (int)Math.Min((microseconds - now + 999) / 1000, (ulong)(_isWaiting ? LookAgain : 60_000));
    }

    private void End(BusConnectionException reason)
    {
        List<Work> works;
        lock (_gate)
        {
            _ended = true;
            works = _posted;
            _posted = [];
        }

        foreach (var message in _unanswered)
            _ = SdBus.Unreference(message);
        _unanswered.Clear();
        if (_bus != 0)
            _ = SdBus.CloseUnref(_bus);
        _bus = 0;
        foreach (var work in works)
            work.Fail(reason);
        foreach (var waiting in _waitingForRoom)
            waiting.TrySetException(reason);
        foreach (var waiting in _waitingForEmpty)
            waiting.TrySetResult();
        FailCalls(reason);
        _ready.TrySetException(reason);
        Loss = reason.Message;
        _wakeup!.Dispose();
        _closed.TrySetResult();
    }
}
