using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>Our calls that have no answer yet. Used only by the connection's thread.</summary>
internal sealed class PendingCalls
{
    private readonly Dictionary<ulong, PendingCall> _calls = [];

    /// <summary>Adds a call that was sent.</summary>
    /// <param name="cookie">The number that the answer refers to.</param>
    /// <param name="call">Handles the answer.</param>
    internal void Add(ulong cookie, PendingCall call) => _calls.Add(cookie, call);

    /// <summary>Removes a call whose answer is no longer needed.</summary>
    internal void Remove(PendingCall call)
    {
        foreach (var (cookie, _) in _calls.Where(pair => pair.Value == call).ToArray())
            _calls.Remove(cookie);
    }

    /// <summary>Handles an answer.</summary>
    internal void Answer(nint message, bool isError)
    {
        if (SdBus.GetReplyCookie(message, out var cookie) < 0 || !_calls.Remove(cookie, out var call))
            return;
        if (isError)
            call.Fail(ReadError(message));
        else
            call.Complete(message);
    }

    /// <summary>Fails all calls, because no answer will come.</summary>
    internal void FailAll(Exception reason)
    {
        foreach (var call in _calls.Values)
            call.Fail(reason);
        _calls.Clear();
    }

    private static unsafe BusException ReadError(nint message)
    {
        var error = SdBus.GetError(message);
        return error is null ? new(BusErrors.Failed, "") : new(BusReader.Text(error->Name), BusReader.Text(error->Message));
    }
}

/// <summary>Handles the outcome of one call: an answer, or a failure.</summary>
internal sealed record PendingCall(Action<nint> Complete, Action<Exception> Fail);
