using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>The handlers of signals. Used only by the connection's thread.</summary>
internal sealed class SignalMatches
{
    private readonly List<SignalMatch> _matches = [];

    /// <summary>Adds a handler.</summary>
    internal void Add(SignalMatch match) => _matches.Add(match);

    /// <summary>Removes a handler.</summary>
    internal void Remove(SignalMatch match) => _matches.Remove(match);

    /// <summary>Passes a signal to all matching handlers.</summary>
    /// <exception cref="BusConnectionException">The signal reports that the connection is lost.</exception>
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
                // Its arguments do not match its description, so it is ignored.
            }
        }
    }

    private static unsafe ReceivedSignal Read(nint message) => new(
        BusReader.Text(SdBus.GetSender(message)), BusReader.Text(SdBus.GetPath(message)),
        BusReader.Text(SdBus.GetInterface(message)), BusReader.Text(SdBus.GetMember(message)));

    /// <summary>
    /// Returns the first argument; null if it is not a string. Any peer may send us a signal, and the bus accepts texts that libsystemd
    /// does not: see <see cref="BusText"/>.
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

/// <summary>A handler and the signals that it handles.</summary>
internal sealed record SignalMatch(BusMatch Match, SignalHandler Handler);
