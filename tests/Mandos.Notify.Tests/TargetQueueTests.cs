using Mandos.Notify.Configuration;
using Mandos.Notify.Events;
using Mandos.Notify.Sending;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Notify.Tests;

/// <summary>Messages that wait, are combined, and are sent again.</summary>
public sealed class TargetQueueTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(Clients.Now);
    private readonly List<string> _log = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    [Fact]
    public async Task A_message_is_sent_again_with_growing_pauses()
    {
        var target = new Recorder(3) { Time = _time };
        var queue = Start(target);
        queue.Add(Messages.Of());
        await UntilAsync(() => target.Attempts.Count == 1);
        await AdvanceAsync(() => target.Attempts.Count == 4);
        var pauses = target.Attempts.Zip(target.Attempts.Skip(1), (one, next) => (next - one).TotalSeconds).ToList();
        Assert.True(pauses[0] >= 2 && pauses[1] >= 4 && pauses[2] >= 8, string.Join(' ', pauses));
        await UntilAsync(() => _log.Count == 2);
        Assert.Equal(["[webhook a]: no answer; trying again", "[webhook a]: messages are sent again"], _log);
    }

    [Fact]
    public async Task A_message_that_can_never_be_sent_delays_no_other()
    {
        var target = new Recorder(1, isTemporary: false);
        var queue = Start(target);
        queue.Add(Messages.Of());
        queue.Add(Messages.Of(NotificationKind.Delivered));
        await UntilAsync(() => target.Attempts.Count == 2);
        Assert.Equal(["[webhook a]: no answer; not sent: web1 was disabled (server vault)"], _log);
    }

    /// <summary>Such as a command that fails for one kind of message.</summary>
    [Fact]
    public async Task A_message_that_always_fails_delays_no_other()
    {
        var target = new Recorder(1) { Time = _time, Refuses = message => message.Kind == NotificationKind.Waiting };
        var queue = Start(target);
        queue.Add(Messages.Of(NotificationKind.Waiting));
        await UntilAsync(() => target.Attempts.Count == 1);
        queue.Add(Messages.Of(NotificationKind.Delivered));
        await UntilAsync(() => target.Attempts.Count == 2);
        queue.Add(Messages.Of());
        await UntilAsync(() => target.Attempts.Count == 3);
        Assert.Equal([NotificationKind.Delivered, NotificationKind.Disabled], target.Sent.Select(message => message.Kind));
        await AdvanceAsync(() => target.Attempts.Count == 6);
        Assert.Equal(2, target.Sent.Count);
    }

    [Fact]
    public async Task What_fails_is_combined_before_it_is_sent_again()
    {
        var isDown = true;
        var target = new Recorder(0) { Time = _time, Refuses = _ => isDown };
        var queue = Start(target);
        for (var i = 0; i < 10; i++)
        {
            queue.Add(Messages.Of(client: $"web{i}"));
            var sent = i + 1;
            await UntilAsync(() => target.Attempts.Count == sent);
        }

        isDown = false;
        await AdvanceAsync(() => target.Sent.Sum(message => message.Clients.Count) == 10);
        Assert.InRange(target.Sent.Count, 1, TargetQueue.MostSingle);
    }

    /// <summary>The receiver asks for a pause, which is for all messages.</summary>
    [Fact]
    public async Task A_receiver_that_wants_a_pause_gets_nothing_until_it_is_over()
    {
        var target = new Recorder(1) { Time = _time, RetryAfter = TimeSpan.FromSeconds(60) };
        var queue = Start(target);
        queue.Add(Messages.Of());
        await UntilAsync(() => target.Attempts.Count == 1);
        queue.Add(Messages.Of(NotificationKind.Delivered));
        await AdvanceAsync(() => target.Sent.Count == 2);
        Assert.All(target.Attempts.Skip(1), attempt => Assert.True(attempt - target.Attempts[0] >= TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_message_is_given_up_after_a_day()
    {
        var target = new Recorder(0) { Time = _time, Refuses = _ => true };
        Start(target).Add(Messages.Of());
        while (_log.Count < 2)
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            await Task.Delay(1, Token);
        }

        Assert.Equal(["[webhook a]: no answer; trying again", "[webhook a]: given up: web1 was disabled (server vault)"], _log);
        Assert.True(_time.GetUtcNow() - Clients.Now > TimeSpan.FromDays(1));
    }

    [Fact]
    public void Many_messages_of_one_kind_become_one()
    {
        var queue = new TargetQueue(new Recorder(0), _log.Add, _time);
        for (var i = 0; i < 12; i++)
            queue.Add(Messages.Of(client: $"web{i}"));
        queue.Add(Messages.Of(NotificationKind.Delivered));
        var taken = queue.Take();
        Assert.Equal(2, taken.Count);
        var combined = taken.Single(one => one.Kind == NotificationKind.Disabled);
        Assert.Equal("12 clients were disabled (server vault)", combined.Title);
        Assert.Equal("web0, web1, web2, web3, web4, web5, web6, web7, web8 and 3 more", combined.Details);
        Assert.Equal(12, combined.Clients.Count);
        Assert.Equal("https://mandos.example/", combined.Page?.AbsoluteUri);
        Assert.Empty(queue.Take());
    }

    [Fact]
    public void The_oldest_is_dropped_when_too_many_wait()
    {
        var queue = new TargetQueue(new Recorder(0), _log.Add, _time);
        for (var i = 0; i < TargetQueue.Most + 5; i++)
            queue.Add(Messages.Of(client: $"web{i}"));
        Assert.Equal("web5", Assert.Single(queue.Take()).Clients[0]);
        Assert.Equal(["[webhook a]: 5 messages were dropped, because more than 1000 waited"], _log);
    }

    [Fact]
    public async Task A_request_that_was_decided_meanwhile_is_not_sent()
    {
        var target = new Recorder(1);
        var queue = Start(target);
        queue.Add(Messages.Of(NotificationKind.Waiting) with { Deadline = Clients.Now + TimeSpan.FromSeconds(1) });
        await UntilAsync(() => target.Attempts.Count == 1);
        await AdvanceAsync(() => _log.Count == 2);
        Assert.Equal("[webhook a]: given up: web1 was disabled (server vault)", _log[1]);
        Assert.Single(target.Attempts);
    }

    [Fact]
    public void A_target_gets_only_what_it_wants()
    {
        var queue = new TargetQueue(new Recorder(0, kinds: [NotificationKind.Waiting]), _log.Add, _time);
        queue.Add(Messages.Of());
        queue.Add(Messages.Of(NotificationKind.Waiting));
        queue.Add(Messages.Of(NotificationKind.Test));
        Assert.Equal([NotificationKind.Waiting, NotificationKind.Test], queue.Take().Select(one => one.Kind).Order());
    }

    private TargetQueue Start(Target target)
    {
        var queue = new TargetQueue(target, _log.Add, _time);
        _running = queue.RunAsync(_stop.Token);
        return queue;
    }

    /// <summary>Moves the clock in small steps: a pause may begin at any time.</summary>
    private async Task AdvanceAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(1, Token);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Token);
    }

    private sealed class Recorder(int failures, bool isTemporary = true, NotificationKind[]? kinds = null)
        : Target(new CommandSettings("webhook a", (kinds ?? Messages.All).ToHashSet(), ""))
    {
        private int _failures = failures;

        internal List<DateTimeOffset> Attempts { get; } = [];

        internal List<Notification> Sent { get; } = [];

        internal FakeTimeProvider? Time { get; init; }

        internal Func<Notification, bool>? Refuses { get; init; }

        internal TimeSpan? RetryAfter { get; init; }

        private protected override Task<SendOutcome> TrySendAsync(Notification notification, CancellationToken cancellationToken)
        {
            Attempts.Add(Time?.GetUtcNow() ?? default);
            if (Refuses is null ? _failures-- > 0 : Refuses(notification))
                return Task.FromResult(isTemporary ? SendOutcome.Temporary("no answer", RetryAfter) : SendOutcome.Permanent("no answer"));
            Sent.Add(notification);
            return Task.FromResult(SendOutcome.Sent);
        }
    }
}
