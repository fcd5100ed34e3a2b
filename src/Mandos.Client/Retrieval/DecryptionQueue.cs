using System.Net;
using Mandos.Core.OpenPgp;
using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>
/// Decrypts the messages of all servers on one thread, so that bad servers cannot take every processor from the rest of the
/// program. Small messages go first, those of hosts whose messages gave no password last.
/// </summary>
/// <param name="read">Decrypts one message.</param>
internal sealed class DecryptionQueue(Func<SecretBuffer, CancellationToken, MessageResult> read)
{
    // Anyone can make up addresses; they must not fill the memory.
    private const int MaximumHosts = 1024;

    private readonly Lock _lock = new();
    private readonly List<Entry> _waiting = [];
    private readonly HashSet<IPAddress> _spoiled = [];
    private bool _working;

    private sealed record Entry(SecretBuffer Message, IPAddress Host, CancellationToken Token)
    {
        internal TaskCompletionSource<MessageResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Decrypts a message that a host sent. The message stays the caller's.</summary>
    /// <exception cref="OperationCanceledException">The result is no longer wanted; the message is not in use any more.</exception>
    internal async Task<MessageResult> ReadAsync(SecretBuffer message, IPAddress host, CancellationToken cancellationToken)
    {
        var entry = new Entry(message, host, cancellationToken);
        lock (_lock)
        {
            _waiting.Add(entry);
            if (!_working)
                _ = Task.Run(Work, CancellationToken.None);
            _working = true;
        }

        await using var registration = cancellationToken.Register(() => GiveUp(entry));
        return await entry.Result.Task;
    }

    private void GiveUp(Entry entry)
    {
        lock (_lock)
        {
            if (_waiting.Remove(entry))
                entry.Result.TrySetCanceled(entry.Token);
        }
    }

    private void Work()
    {
        while (Next() is { } entry)
        {
            try
            {
                var result = read(entry.Message, entry.Token);
                if (!entry.Token.IsCancellationRequested)
                    Note(entry.Host, result.Outcome);
                entry.Result.SetResult(result);
            }
            catch (Exception exception)
            {
                entry.Result.SetException(exception);
            }
        }
    }

    private Entry? Next()
    {
        lock (_lock)
        {
            Entry? next = null;
            foreach (var entry in _waiting)
            {
                if (next is null || RankOf(entry).CompareTo(RankOf(next)) < 0)
                    next = entry;
            }

            if (next is null)
                _working = false;
            else
                _waiting.Remove(next);
            return next;
        }
    }

    /// <summary>The lower, the earlier its turn; of equal ones the first that came is first.</summary>
    private (bool, int) RankOf(Entry entry) => (_spoiled.Contains(entry.Host), entry.Message.Length);

    private void Note(IPAddress host, MessageOutcome outcome)
    {
        lock (_lock)
        {
            if (outcome == MessageOutcome.Decrypted)
                _spoiled.Remove(host);
            else if (_spoiled.Count < MaximumHosts)
                _spoiled.Add(host);
        }
    }
}
