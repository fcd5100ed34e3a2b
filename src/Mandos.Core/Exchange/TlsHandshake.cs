using System.Net.Sockets;
using Mandos.Core.Linux;

namespace Mandos.Core.Exchange;

/// <summary>Why the handshake failed.</summary>
internal enum HandshakeEnd
{
    Failed,
    TimedOut,
    ConnectionLost,
}

/// <summary>A failed handshake, with a text for people.</summary>
internal sealed record HandshakeFailure(HandshakeEnd End, string Detail);

/// <summary>The handshake phase, which both sides share except for the first message.</summary>
internal static class TlsHandshake
{
    /// <summary>Runs a handshake to its end or the deadline; null if it succeeded.</summary>
    /// <param name="channel">The connection.</param>
    /// <param name="begin">Sends the first message, if it is ours.</param>
    /// <param name="notes">Our side of the handshake.</param>
    /// <param name="limits">The limits for the peer.</param>
    /// <param name="time">The clock for deadlines.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    internal static async Task<HandshakeFailure?> RunAsync(TlsChannel channel, Func<CancellationToken, ValueTask> begin,
        IHandshakeState notes, ExchangeLimits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(limits.Handshake, time, cancellationToken);
        try
        {
            await begin(deadline.Token).ConfigureAwait(false);
            while (notes.Negotiated is null)
            {
                if (!await channel.ReadAsync(deadline.Token).ConfigureAwait(false))
                    throw TlsFailure.EndInHandshake();
                if (notes.Negotiated is null && channel.Received > limits.HandshakeBytes)
                    throw TlsFailure.TooMuch(limits.HandshakeBytes);
            }
            return null;
        }
        catch (TlsFailure e)
        {
            await channel.SayLastWordsAsync(limits, time, cancellationToken).ConfigureAwait(false);
            return new(HandshakeEnd.Failed, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(HandshakeEnd.TimedOut, $"no handshake within {limits.Handshake.TotalSeconds:0.#} s");
        }
        catch (SocketException e)
        {
            return new(HandshakeEnd.ConnectionLost, $"connection lost during the handshake: {SystemFailure.Reason(e)}");
        }
    }
}
