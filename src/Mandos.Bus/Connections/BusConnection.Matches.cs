using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>Signals from others.</summary>
public sealed partial class BusConnection
{
    /// <summary>Passes signals to a handler from now on, until the result is disposed.</summary>
    public async Task<IAsyncDisposable> MatchAsync(BusMatch match, SignalHandler handler, CancellationToken cancellationToken)
    {
        var wanted = new SignalMatch(match, handler);
        var subscription = new Subscription(this, wanted);
        _thread.Post(() => _matches.Add(wanted), static _ => { });
        try
        {
            await CallAsync(ToBus("AddMatch"), w => w.WriteString(match.ToRule()), DefaultTimeout, cancellationToken).ConfigureAwait(false);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void SendRemoval(BusMatch match) => _ = Build(
        SdBus.NewMethodCall(_thread.Bus, out var message, BusName, BusPath, BusName, "RemoveMatch"), message,
        w => w.WriteString(match.ToRule()), isCall: true);

    private sealed class Subscription(BusConnection connection, SignalMatch wanted) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            connection._thread.Post(() => connection._matches.Remove(wanted), static _ => { });
            // The answer is ignored: it fails only with the connection.
            connection._thread.Post(() => connection.SendRemoval(wanted.Match), static _ => { });
            return ValueTask.CompletedTask;
        }
    }
}
