using System.Globalization;
using System.Threading.Channels;
using Mandos.Core.Text;
using Mandos.Notify.Events;

namespace Mandos.Notify.Sending;

/// <summary>
/// The messages for one target. One is sent at a time; if that fails, it is tried again with growing pauses, while later ones wait and are
/// combined.
/// </summary>
/// <param name="target">The target.</param>
/// <param name="log">Logs problems.</param>
/// <param name="time">The clock.</param>
internal sealed class TargetQueue(Target target, Action<string> log, TimeProvider time)
{
    /// <summary>How many messages wait at most; if there are more, the oldest is dropped.</summary>
    internal const int Most = 1000;

    /// <summary>More messages of one kind than these become one.</summary>
    internal const int MostSingle = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastPause = TimeSpan.FromMinutes(5);

    /// <summary>After this time a message is not news any more.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<Notification> _waiting = new();
    private readonly Channel<bool> _arrived = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _dropped;

    /// <summary>Adds a message, if the target takes such messages. Does not block.</summary>
    internal void Add(Notification notification)
    {
        if (!target.Takes(notification.Kind))
            return;
        lock (_gate)
        {
            if (_waiting.Count == Most)
            {
                _waiting.RemoveFirst();
                _dropped++;
            }

            _waiting.AddLast(notification);
        }

        _ = _arrived.Writer.TryWrite(true);
    }

    /// <summary>Sends messages until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _ = await _arrived.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            foreach (var notification in Take())
                await DeliverAsync(notification, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes all that wait; many of one kind are combined.</summary>
    internal IReadOnlyList<Notification> Take()
    {
        Notification[] all;
        long dropped;
        lock (_gate)
        {
            all = [.. _waiting];
            _waiting.Clear();
            (dropped, _dropped) = (_dropped, 0);
        }

        if (dropped > 0)
            Log(string.Create(CultureInfo.InvariantCulture, $"{dropped} messages were dropped, because more than {Most} waited"));
        return
        [
            .. all.GroupBy(one => one.Kind).SelectMany(kind =>
                kind.Count() <= MostSingle ? kind : (IEnumerable<Notification>)[Notification.Combine([.. kind])])
                .OrderBy(one => one.Time),
        ];
    }

    private async Task DeliverAsync(Notification notification, CancellationToken cancellationToken)
    {
        var (pause, failures) = (FirstPause, 0);
        while (!IsOver(notification))
        {
            var outcome = await target.SendAsync(notification, cancellationToken).ConfigureAwait(false);
            if (outcome.Problem is not { } problem)
            {
                if (failures > 0)
                    Log("messages are sent again");
                return;
            }

            if (!outcome.IsTemporary)
            {
                Log($"{problem}; not sent: {notification.Title}");
                return;
            }

            var wait = outcome.RetryAfter is { } asked && asked > pause ? asked : pause;
            if (failures++ == 0)
                Log($"{problem}; trying again");
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LastPause ? pause * 2 : LastPause;
        }

        Log($"given up: {notification.Title}");
    }

    /// <summary>Whether a message would come too late: a decision was made meanwhile, or it is old.</summary>
    private bool IsOver(Notification notification)
    {
        var now = time.GetUtcNow();
        return now - notification.Time > Age || (notification.Kind == NotificationKind.Waiting && notification.Deadline < now);
    }

    private void Log(string text) => log($"[{target.Name}]: {PrintableText.Of(text)}");
}
