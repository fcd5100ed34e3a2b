using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Connections that wait for a secret. The code that removes a connection from here answers or cancels it, exactly once. Thread-safe.
/// </summary>
internal sealed class SecretRequests
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<SecretAnswer>> _waiting = [];
    private long _last;

    /// <summary>Adds a connection that waits.</summary>
    /// <param name="request">Its number in events and effects.</param>
    internal Task<SecretAnswer> Add(out long request)
    {
        request = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<SecretAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[request] = answer;
        return answer.Task;
    }

    /// <summary>Takes a request out; false if it was already answered or cancelled, for example because the client disconnected.</summary>
    internal bool TryTake(long request, [NotNullWhen(true)] out TaskCompletionSource<SecretAnswer>? answer) =>
        _waiting.TryRemove(request, out answer);

    /// <summary>Cancels a request; false if it was already answered or cancelled.</summary>
    internal bool Cancel(long request, CancellationToken withdrawn) => TryTake(request, out var answer) && answer.TrySetCanceled(withdrawn);

    /// <summary>Cancels all requests, at shutdown.</summary>
    internal void CancelAll()
    {
        foreach (var request in _waiting.Keys)
            Cancel(request, new CancellationToken(canceled: true));
    }
}
