using System.Threading.Channels;
using Mandos.Client.Hosting;
using Mandos.Core.Discovery.Browsing;
using Mandos.Core.Discovery.Multicast;
using Mandos.Core.Durations;
using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>
/// Looks for servers and tries them until one delivers the password. One loop owns all state; attempts, discovery and the supervisor only
/// write events to its queue.
/// </summary>
/// <param name="named">The servers that the user named.</param>
/// <param name="browser">Discovers other servers; null to try only the named ones.</param>
/// <param name="attempt">Tries one server.</param>
/// <param name="schedule">Decides which server to try and when.</param>
/// <param name="delay">After this time without a password, a message says what is being done.</param>
/// <param name="messages">Prints failures.</param>
/// <param name="time">The clock.</param>
/// <param name="isRehearsal">Whether to print all steps.</param>
internal sealed class PasswordRetrieval(
    NamedServers named, IServiceBrowser? browser, IServerAttempt attempt, AttemptSchedule schedule, TimeSpan delay, Messages messages,
    TimeProvider time, bool isRehearsal = false)
{
    private readonly Channel<RetrievalEvent> _events = Channel.CreateUnbounded<RetrievalEvent>(new() { SingleReader = true });
    private readonly Dictionary<Candidate, RunningAttempt> _running = [];
    private readonly Dictionary<Candidate, HashSet<string>> _services = [];
    private readonly Dictionary<int, string> _usable = [];
    private readonly RetrievalReport _report = new(messages, named.Contains, isRehearsal);
    private readonly long _start = time.GetTimestamp();
    private readonly bool _onlyOneServer = browser is null && named.IsOne;
    private readonly UnsignedPassword _unsigned = new();
    private bool _overdue;
    private bool _reported;

    /// <summary>Reports an event. Thread-safe.</summary>
    internal void Tell(RetrievalEvent happened) => _events.Writer.TryWrite(happened);

    /// <summary>Runs until there is a password, which the caller owns.</summary>
    internal async Task<SecretBuffer> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var browsing = BrowseAsync(stop.Token);
        await using var timer = time.CreateTimer(
            _ => Tell(new RetrievalEvent.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var patience = time.CreateTimer(
            _ => Tell(new RetrievalEvent.Overdue()), null, Bounded(delay), Timeout.InfiniteTimeSpan);
        try
        {
            foreach (var candidate in named.Everywhere())
                schedule.Add(candidate, named: true, Now);
            while (true)
            {
                // All pending events are processed before a new attempt starts.
                while (_events.Reader.TryRead(out var happened))
                {
                    if (Handle(happened, patience) is { } password)
                        return password;
                }

                if (_unsigned.TakeDue(Now) is { } unsigned)
                {
                    messages.Warning("no other server has a signed message; using the password from the unsigned one");
                    return unsigned;
                }

                Carry(schedule.Next(Now), timer, stop.Token);
                await _events.Reader.WaitToReadAsync(cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll([browsing, .. _running.Values.Select(running => running.Task)]);
            DropLatePasswords();
            _unsigned.Forget();
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    private SecretBuffer? Handle(RetrievalEvent happened, ITimer patience)
    {
        switch (happened)
        {
            case RetrievalEvent.InterfaceUsable usable:
                // Without a usable interface there was nothing to report about servers.
                if (_overdue && !_reported && _usable.Count == 0)
                    patience.Change(Bounded(delay), Timeout.InfiniteTimeSpan);
                Use(usable.Index, usable.Name);
                break;
            case RetrievalEvent.InterfaceGone gone:
                Forget(gone.Index);
                break;
            case RetrievalEvent.Service service:
                Follow(service.Event);
                break;
            case RetrievalEvent.Connected connected when IsCurrent(connected.Attempt):
                schedule.Connected(connected.Attempt.Candidate);
                connected.Attempt.IsConnected = true;
                if (_overdue)
                    patience.Change(Bounded(delay), Timeout.InfiniteTimeSpan);
                break;
            case RetrievalEvent.Overdue:
                Report();
                break;
            case RetrievalEvent.Ended ended:
                return End(ended.Attempt, ended.Outcome);
        }

        return null;
    }

    private void Use(int index, string name)
    {
        _usable[index] = name;
        _report.Using(name);
        foreach (var candidate in named.On(index, name))
            schedule.Add(candidate, named: true, Now);
        Stop(schedule.Hurry(candidate => candidate.InterfaceIndex == 0 || candidate.InterfaceIndex == index, Now));
        browser?.UseInterface(index);
    }

    private void Forget(int index)
    {
        if (_usable.Remove(index, out var name))
        {
            foreach (var candidate in named.On(index, name))
                schedule.Remove(candidate);
        }

        browser?.ForgetInterface(index);
    }

    /// <summary>Applies a discovery event. Two services with one address are one server; it exists as long as one of them does.</summary>
    private void Follow(ServiceEvent service)
    {
        var candidate = new Candidate(service.EndPoint, service.InterfaceIndex);
        messages.Debug?.Invoke($"server \"{service.InstanceName}\" at {candidate} {(service.Found ? "found" : "gone")}");
        if (service.Found)
        {
            if (!_services.TryGetValue(candidate, out var names))
                _services.Add(candidate, names = []);
            if (names.Add(service.InstanceName))
                _report.Found(service.InstanceName, candidate);
            schedule.Add(candidate, named: false, Now);
        }
        else if (_services.TryGetValue(candidate, out var names) && names.Remove(service.InstanceName) && names.Count == 0)
        {
            _services.Remove(candidate);
            schedule.Remove(candidate);
        }
    }

    private SecretBuffer? End(RunningAttempt ended, AttemptOutcome outcome)
    {
        var current = IsCurrent(ended);
        if (current)
            _running.Remove(ended.Candidate);
        ended.Dispose();
        // This includes an attempt that was given up a moment before.
        if (outcome.Password is not null)
            _report.Received(ended.Candidate);
        if (outcome.Password is not null && (outcome.Signed || _onlyOneServer))
            return outcome.Password;
        if (outcome.Password is not null)
            Keep(ended.Candidate, outcome.Password);
        else if (current)
            _report.Failed(ended.Candidate, outcome);
        if (current)
            schedule.Failed(
                ended.Candidate, Now, outcome.Failure is AttemptFailure.Broken or AttemptFailure.Unreachable,
                outcome.Failure == AttemptFailure.Spoiled);
        return null;
    }

    /// <summary>
    /// Keeps an unsigned password. Anyone who knows the public key can make an unsigned message, so a signed one from another server is
    /// preferred.
    /// </summary>
    private void Keep(Candidate candidate, SecretBuffer unsigned)
    {
        if (_unsigned.Keep(unsigned, Now))
            messages.Warning(
                $"server {candidate}: its message is not signed; waiting {UnsignedPassword.Grace.TotalSeconds:0} s for a server with "
                    + "a signed one");
    }

    /// <summary>Prints, once, what is being done. Without a usable interface the supervisor prints why.</summary>
    private void Report()
    {
        _overdue = true;
        if (!_reported && (_usable.Count > 0 || browser is null))
        {
            _reported = true;
            _report.Overdue(
                [.. _usable.Values.Order(StringComparer.Ordinal)], browser is null ? named.ToString() : null,
                _services.Values.SelectMany(names => names).Distinct().Count());
        }

        foreach (var waiting in _running.Values)
        {
            if (waiting.IsConnected)
                _report.Waiting(waiting.Candidate);
        }
    }

    private void Carry(IReadOnlyList<ScheduleStep> steps, ITimer timer, CancellationToken stop)
    {
        foreach (var step in steps)
        {
            if (step.Start)
                Start(step.Candidate, stop);
            else
                Stop([step]);
        }

        var wake = Earliest(schedule.WakeAt(), _unsigned.DueAt) is { } at ? at - Now : Timeout.InfiniteTimeSpan;
        timer.Change(
            wake > TimeSpan.Zero || wake == Timeout.InfiniteTimeSpan ? TimerTime.Of(wake) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Limits a wait to the range of timers.</summary>
    private static TimeSpan Bounded(TimeSpan wait) => TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds, 1e6));

    private static TimeSpan? Earliest(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private void Start(Candidate candidate, CancellationToken stop)
    {
        var started = new RunningAttempt(candidate, stop);
        _running[candidate] = started;
        started.Task = RunAsync(started);
    }

    private void Stop(IReadOnlyList<ScheduleStep> steps)
    {
        foreach (var step in steps)
        {
            if (_running.Remove(step.Candidate, out var running))
                running.Cancel();
        }
    }

    private async Task RunAsync(RunningAttempt running)
    {
        try
        {
            var outcome = await attempt.RunAsync(
                running.Candidate, InterfaceOf(running.Candidate), () => Tell(new RetrievalEvent.Connected(running)), running.Token);
            Tell(new RetrievalEvent.Ended(running, outcome));
        }
        catch (OperationCanceledException)
        {
            // The timer is no longer needed.
        }
        // What a server sends may find a bug of ours, which must not cost the password of another server.
        catch (Exception e)
        {
            messages.Warning($"server {running.Candidate}: internal error: {e.GetType().Name}: {e.Message}");
            Tell(new RetrievalEvent.Ended(running, new(null, "its message cannot be read", AttemptFailure.Spoiled)));
        }
    }

    private async Task BrowseAsync(CancellationToken cancellationToken)
    {
        if (browser is null)
            return;
        try
        {
            await foreach (var service in browser.ReadEventsAsync(cancellationToken))
                Tell(new RetrievalEvent.Service(service));
        }
        catch (OperationCanceledException)
        {
            // The password has been received.
        }
        catch (Exception e)
        {
            messages.Warning($"the search for servers stopped: internal error: {e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>The interface for an attempt. A server named without one is tried on the first usable interface.</summary>
    private int InterfaceOf(Candidate candidate) =>
        candidate.InterfaceIndex != 0 ? candidate.InterfaceIndex : _usable.Keys.FirstOrDefault();

    private bool IsCurrent(RunningAttempt attempt) => _running.GetValueOrDefault(attempt.Candidate) == attempt;

    private void DropLatePasswords()
    {
        while (_events.Reader.TryRead(out var late))
        {
            if (late is RetrievalEvent.Ended { Outcome.Password: { } password })
                password.Dispose();
        }
    }
}
