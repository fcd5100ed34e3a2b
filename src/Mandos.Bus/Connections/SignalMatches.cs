using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>Who wants which signals. For the connection's thread alone.</summary>
internal sealed class SignalMatches
{
    private readonly List<SignalMatch> _matches = [];

    /// <summary>From now on hands it signals.</summary>
    internal void Add(SignalMatch match) => _matches.Add(match);

    /// <summary>Hands it no more signals.</summary>
    internal void Remove(SignalMatch match) => _matches.Remove(match);

    /// <summary>Hands a signal to all that want it.</summary>
    /// <exception cref="BusConnectionException">It says that the connection is lost.</exception>
    internal void Dispatch(nint message)
    {
        var signal = Read(message);
        if (signal is { Interface: "org.freedesktop.DBus.Local", Member: "Disconnected" })
            throw BusThread.Lost();
        var first = FirstArgument(message);
        foreach (var match in _matches.Where(m => m.Match.Fits(signal, first)).ToArray())
        {
            _ = SdBus.Rewind(message, 1);
            try
            {
                match.Handler(signal, new BusReader(message));
            }
            catch (BusException)
            {
                // Its arguments do not match its description: ignored.
            }
        }
    }

    private static unsafe ReceivedSignal Read(nint message) => new(
        BusReader.Text(SdBus.GetSender(message)), BusReader.Text(SdBus.GetPath(message)),
        BusReader.Text(SdBus.GetInterface(message)), BusReader.Text(SdBus.GetMember(message)));

    /// <summary>
    /// Null if it is no string. Any peer may send us a signal, and the bus takes texts that libsystemd does not: see
    /// <see cref="BusText"/>.
    /// </summary>
    private static string? FirstArgument(nint message)
    {
        var reader = new BusReader(message);
        try
        {
            return reader.Signature is ['s', ..] ? reader.ReadString() : null;
        }
        catch (BusException)
        {
            return null;
        }
    }
}

/// <summary>One who wants signals.</summary>
internal sealed record SignalMatch(BusMatch Match, SignalHandler Handler);
