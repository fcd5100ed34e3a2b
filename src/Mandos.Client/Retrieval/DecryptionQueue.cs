using System.Net;
using Mandos.Core.OpenPgp;
using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>
/// Decrypts the messages of all servers on one thread, so that malicious servers cannot occupy every processor. Small messages go first;
/// messages of hosts that sent one without a password go last.
/// </summary>
/// <param name="read">Decrypts one message.</param>
internal sealed class DecryptionQueue(Func<SecretBuffer, CancellationToken, MessageResult> read)
{
    // Anyone can invent addresses; they must not fill the memory.
    private const int MaximumHosts = 1024;

    private readonly Lock _lock = new();
    private readonly List<Entry> _waiting = [];
    private readonly HashSet<IPAddress> _spoiled = [];
    private bool _working;

    private sealed record Entry(SecretBuffer Message, IPAddress Host, CancellationToken Token)
    {
        internal TaskCompletionSource<MessageResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Decrypts a message from a host. The caller keeps ownership of the message.</summary>
    /// <exception cref="OperationCanceledException">The result is no longer wanted, and the message is no longer in use.</exception>
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

    /// <summary>The rank of a message, the lowest first; equal ranks are served in order of arrival.</summary>
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
