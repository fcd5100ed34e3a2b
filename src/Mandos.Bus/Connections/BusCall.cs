using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>A call of one of our methods. Answered once, at any time, by any thread.</summary>
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

    /// <summary>The interface; null if the caller left that to us.</summary>
    public string? Interface { get; }

    /// <summary>The method.</summary>
    public string Member { get; }

    /// <summary>The caller's unique name; vouched for by the bus.</summary>
    public string Sender { get; }

    /// <summary>Answers with results; without, if <paramref name="body"/> is null.</summary>
    public void Reply(BusBody? body = null) => Answer(() => _connection.SendReply(_message, body));

    /// <summary>Answers with an error.</summary>
    public void ReplyError(string name, string message) => Answer(() => _connection.SendError(_message, name, message));

    /// <summary>
    /// Asks the bus for a number that it knows of the caller: <c>GetConnectionUnixUser</c>, <c>GetConnectionUnixProcessID</c>.
    /// </summary>
    /// <exception cref="BusException">The caller has gone, or the bus does not say.</exception>
    /// <exception cref="BusConnectionException">The connection is lost.</exception>
    public Task<uint> AskBusAsync(string member, TimeSpan timeout) => _connection.AskOfCallerAsync(member, Sender, timeout);

    /// <summary>Releases it without an answer: its caller is not there any more.</summary>
    public void Drop() => Answer(static () => { });

    private void Answer(Action send)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0)
            _connection.Answer(_message, send);
    }
}
