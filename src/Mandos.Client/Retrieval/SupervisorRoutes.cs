using System.Collections.Concurrent;
using System.Net;
using Mandos.Client.ProcessBoundary;

namespace Mandos.Client.Retrieval;

/// <summary>Requests routes over the control channel.</summary>
internal sealed class SupervisorRoutes(Action<ControlMessage> send) : IRouteHelper
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<bool>> _waiting = new();
    private int _last;

    /// <inheritdoc />
    public async Task<int> AddAsync(IPAddress host, int interfaceIndex, CancellationToken cancellationToken)
    {
        var request = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[request] = answer;
        send(new ControlMessage(ControlKind.AddRoute, request, interfaceIndex, Address: host));
        try
        {
            return await answer.Task.WaitAsync(cancellationToken) ? request : 0;
        }
        catch (OperationCanceledException)
        {
            // The route may have been added in the meantime.
            Remove(request);
            throw;
        }
        finally
        {
            _waiting.TryRemove(request, out _);
        }
    }

    /// <inheritdoc />
    public void Remove(int route) => send(new ControlMessage(ControlKind.RemoveRoute, route));

    /// <summary>Processes an answer of the supervisor.</summary>
    internal void Answer(ControlMessage message)
    {
        if (_waiting.TryGetValue(message.Request, out var answer))
            answer.TrySetResult(message.Flag);
    }
}
