using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Connections that wait for a secret. Each is answered or cancelled once, by the code that takes it out; any thread may.
/// </summary>
internal sealed class SecretRequests
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<SecretAnswer>> _waiting = [];
    private long _last;

    /// <summary>A connection asks.</summary>
    /// <param name="request">Its number in events and effects.</param>
    internal Task<SecretAnswer> Add(out long request)
    {
        request = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<SecretAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[request] = answer;
        return answer.Task;
    }

    /// <summary>False if it was answered or cancelled before: the client has disconnected.</summary>
    internal bool TryTake(long request, [NotNullWhen(true)] out TaskCompletionSource<SecretAnswer>? answer) =>
        _waiting.TryRemove(request, out answer);

    /// <summary>Cancels it; false if it was answered or cancelled before.</summary>
    internal bool Cancel(long request, CancellationToken withdrawn) => TryTake(request, out var answer) && answer.TrySetCanceled(withdrawn);

    /// <summary>Cancels all, at the end.</summary>
    internal void CancelAll()
    {
        foreach (var request in _waiting.Keys)
            Cancel(request, new CancellationToken(canceled: true));
    }
}
