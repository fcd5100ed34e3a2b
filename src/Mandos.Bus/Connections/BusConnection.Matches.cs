using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>Signals of others.</summary>
public sealed partial class BusConnection
{
    private readonly List<SignalMatch> _matches = [];

    private sealed class SignalMatch(BusConnection connection, BusMatch match, SignalHandler handler) : IAsyncDisposable
    {
        internal BusMatch Match { get; } = match;

        internal SignalHandler Handler { get; } = handler;

        public ValueTask DisposeAsync()
        {
            connection.Post(() => connection._matches.Remove(this), static _ => { });
            // The answer is ignored: it fails only with the connection.
            connection.Post(() => connection.SendMatch("RemoveMatch", Match), static _ => { });
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>From now on hands signals to a handler, until the result is disposed.</summary>
    public async Task<IAsyncDisposable> MatchAsync(BusMatch match, SignalHandler handler, CancellationToken cancellationToken)
    {
        var matching = new SignalMatch(this, match, handler);
        Post(() => _matches.Add(matching), static _ => { });
        try
        {
            await CallAsync(ToBus("AddMatch"), w => w.WriteString(match.ToRule()), DefaultTimeout, cancellationToken).ConfigureAwait(false);
            return matching;
        }
        catch
        {
            await matching.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void SendMatch(string member, BusMatch match) =>
        _ = Build(SdBus.NewMethodCall(_bus, out var message, BusName, BusPath, BusName, member), message, w => w.WriteString(match.ToRule()), isCall: true);

    private void DispatchSignal(nint message)
    {
        var signal = ReadSignal(message);
        if (signal is { Interface: "org.freedesktop.DBus.Local", Member: "Disconnected" })
            throw Lost();
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

    /// <summary>
    /// Null if it is no string. Anybody may send us a signal, and the bus takes texts that libsystemd does not: see
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
