using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>A call of one of our methods. It is answered once, at any time, by any thread.</summary>
public sealed class BusCall
{
    private readonly BusConnection _connection;
    private readonly nint _message;
    private int _answered;

    internal BusCall(BusConnection connection, nint message, string path, string? @interface, string member, string sender)
    {
        _connection = connection;
        _message = message;
        Path = path;
        Interface = @interface;
        Member = member;
        Sender = sender;
    }

    /// <summary>The object.</summary>
    public string Path { get; }

    /// <summary>The interface; null if the caller did not name one.</summary>
    public string? Interface { get; }

    /// <summary>The method.</summary>
    public string Member { get; }

    /// <summary>The caller's unique name, as the bus reports it.</summary>
    public string Sender { get; }

    /// <summary>Replies with results; without results if <paramref name="body"/> is null.</summary>
    public void Reply(BusBody? body = null) => Answer(() => _connection.SendReply(_message, body));

    /// <summary>Replies with an error.</summary>
    public void ReplyError(string name, string message) => Answer(() => _connection.SendError(_message, name, message));

    /// <summary>Queries the bus for a number about the caller: <c>GetConnectionUnixUser</c>, <c>GetConnectionUnixProcessID</c>.</summary>
    /// <exception cref="BusException">The caller has left, or the bus does not answer.</exception>
    /// <exception cref="BusConnectionException">The connection is lost.</exception>
    public Task<uint> AskBusAsync(string member, TimeSpan timeout) => _connection.AskOfCallerAsync(member, Sender, timeout);

    /// <summary>Releases the call without an answer, because its caller has left.</summary>
    public void Drop() => Answer(static () => { });

    private void Answer(Action send)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0)
            _connection.Answer(_message, send);
    }
}
