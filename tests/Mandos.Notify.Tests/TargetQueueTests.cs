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

        internal FakeTimeProvider? Time { get; init; }

        private protected override Task<SendOutcome> TrySendAsync(Notification notification, CancellationToken cancellationToken)
        {
            Attempts.Add(Time?.GetUtcNow() ?? default);
            if (_failures-- <= 0)
                return Task.FromResult(SendOutcome.Sent);
            return Task.FromResult(isTemporary ? SendOutcome.Temporary("no answer") : SendOutcome.Permanent("no answer"));
        }
    }
}
