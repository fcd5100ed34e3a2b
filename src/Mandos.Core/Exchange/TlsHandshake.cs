using System.Net.Sockets;
using Mandos.Core.Linux;

namespace Mandos.Core.Exchange;

/// <summary>Why there is no TLS connection.</summary>
internal enum HandshakeEnd
{
    Failed,
    TimedOut,
    ConnectionLost,
}

/// <summary>A handshake that came to nothing, with words for people.</summary>
internal sealed record HandshakeFailure(HandshakeEnd End, string Detail);

/// <summary>The handshake phase, which is the same for both sides but for who speaks first.</summary>
internal static class TlsHandshake
{
    /// <summary>Runs a handshake to its end or the deadline; null if it is done.</summary>
    /// <param name="channel">The connection.</param>
    /// <param name="begin">Says the first word, if it is ours.</param>
    /// <param name="notes">The side that we play.</param>
    /// <param name="limits">What the peer may take.</param>
    /// <param name="time">Where deadlines come from.</param>
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
