using System.Globalization;
using System.Threading.Channels;
using Mandos.Core.Text;
using Mandos.Notify.Events;

namespace Mandos.Notify.Sending;

/// <summary>
/// The messages for one target. One is sent at a time. What fails is sent again with growing pauses, and delays no other message, unless
/// the receiver asks for a pause.
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
    private readonly List<Attempt> _failed = [];
    private DateTimeOffset _opens;
    private bool _isFailing;
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
            await WaitAsync(cancellationToken).ConfigureAwait(false);
            var now = time.GetUtcNow();
            var due = _failed.Where(one => one.Due <= now).ToList();
            _failed.RemoveAll(due.Contains);
            var isAnySent = false;
            foreach (var attempt in Take().Select(message => new Attempt(message, FirstPause, now)).Concat(due))
            {
                if (_opens <= time.GetUtcNow())
                    isAnySent |= await SendAsync(attempt, cancellationToken).ConfigureAwait(false);
                else
                    _failed.Add(attempt with { Due = _opens });
            }

            CombineFailed();
            if (_isFailing && isAnySent && _failed.Count == 0)
            {
                Log("messages are sent again");
                _isFailing = false;
            }
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

    /// <summary>Waits for a new message, or until one is to be sent again.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var arrived = _arrived.Reader.ReadAsync(over.Token).AsTask();
        if (_failed.Count == 0)
        {
            await arrived.ConfigureAwait(false);
            return;
        }

        var pause = _failed.Min(one => one.Due) - time.GetUtcNow();
        var elapsed = Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, time, over.Token);
        _ = await Task.WhenAny(arrived, elapsed).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Tries once, and keeps what is to be sent again.</summary>
    /// <returns>Whether it was sent.</returns>
    private async Task<bool> SendAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var (message, pause, _) = attempt;
        if (IsOver(message))
        {
            Log($"given up: {message.Title}");
            return false;
        }

        var outcome = await target.SendAsync(message, cancellationToken).ConfigureAwait(false);
        if (outcome.Problem is not { } problem)
            return true;

        if (!outcome.IsTemporary)
        {
            Log($"{problem}; not sent: {message.Title}");
            return false;
        }

        if (!_isFailing)
            Log($"{problem}; trying again");
        _isFailing = true;
        var now = time.GetUtcNow();
        if (outcome.RetryAfter is { } asked)
            _opens = now + asked;
        var due = now + pause;
        _failed.Add(new(message, pause * 2 < LastPause ? pause * 2 : LastPause, due > _opens ? due : _opens));
        return false;
    }

    /// <summary>Combines what failed like <see cref="Take"/>, so that there is little to send again, and little to remember.</summary>
    private void CombineFailed()
    {
        foreach (var kind in _failed.GroupBy(one => one.Message.Kind).Where(kind => kind.Count() > MostSingle).ToList())
        {
            _failed.RemoveAll(kind.Contains);
            var combined = Notification.Combine([.. kind.Select(one => one.Message).OrderBy(one => one.Time)]);
            _failed.Add(new(combined, kind.Max(one => one.Pause), kind.Max(one => one.Due)));
        }
    }

    /// <summary>Whether a message would come too late: a decision was made meanwhile, or it is old.</summary>
    private bool IsOver(Notification notification)
    {
        var now = time.GetUtcNow();
        return now - notification.Time > Age || (notification.Kind == NotificationKind.Waiting && notification.Deadline < now);
    }

    private void Log(string text) => log($"[{target.Name}]: {PrintableText.Of(text)}");

    /// <summary>A message to be sent.</summary>
    /// <param name="Message">The message.</param>
    /// <param name="Pause">The pause if it fails.</param>
    /// <param name="Due">When to send it.</param>
    private sealed record Attempt(Notification Message, TimeSpan Pause, DateTimeOffset Due);
}
