using Mandos.Core.Exchange;
using Mandos.Server.Clients;

namespace Mandos.Server.Listening;

/// <summary>Why a request for a secret was not decided.</summary>
internal enum Withdrawal
{
    /// <summary>The server is stopping, or the connection was evicted.</summary>
    Ended,

    /// <summary>The peer closed the connection, or sent something unexpected.</summary>
    PeerLeft,

    /// <summary>Too many requests of the same client wait.</summary>
    CrowdedOut,
}

/// <summary>
/// A request for the secret whose connection is held open. It waits for the decision and for the peer's disconnection at the same time;
/// whichever comes first ends the wait.
/// </summary>
internal sealed class HeldRequest(DeliverySession session, ISecretKeeper keeper, WaitingRequests others, string address)
{
    /// <summary>How long a decision may take before the connection is watched; one that needs no operator takes much less.</summary>
    private static readonly TimeSpan Unwatched = TimeSpan.FromMilliseconds(50);

    /// <summary>Why there is no answer.</summary>
    internal Withdrawal Withdrawal { get; private set; }

    /// <summary>Waits for the answer, which the caller disposes; null if the request was withdrawn.</summary>
    internal async Task<SecretAnswer?> AskAsync(CancellationToken cancellationToken)
    {
        using var place = others.Add(session.KeyId, cancellationToken);
        try
        {
            return await AskAsync(place).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (Withdrawal == Withdrawal.Ended && place.IsCrowdedOut)
                Withdrawal = Withdrawal.CrowdedOut;
            return null;
        }
        finally
        {
            others.Remove(session.KeyId, place);
        }
    }

    private async Task<SecretAnswer?> AskAsync(WaitingRequest place)
    {
        using var withdrawn = CancellationTokenSource.CreateLinkedTokenSource(place.Token);
        var decision = keeper.RequestAsync(session.KeyId, address, withdrawn.Token);
        // To stop watching a connection costs exceptions, a twentieth of what a whole exchange costs.
        await ((Task)decision).WaitAsync(Unwatched).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (decision.IsCompleted)
            return await decision.ConfigureAwait(false);
        using var decided = new CancellationTokenSource();
        var end = session.WaitForEndAsync(decided.Token);
        if (await Task.WhenAny(decision, end).ConfigureAwait(false) == decision)
        {
            await decided.CancelAsync().ConfigureAwait(false);
            await ((Task)end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // The peer may have disconnected at the moment of the decision; then what is sent now is lost and does not count.
            if (!end.IsCompletedSuccessfully)
                return await decision.ConfigureAwait(false);
        }

        Withdrawal = Withdrawal.PeerLeft;
        await withdrawn.CancelAsync().ConfigureAwait(false);
        if (await decision.ConfigureAwait(false) is { } tooLate)
            await tooLate.DisposeAsync().ConfigureAwait(false);
        return null;
    }
}
