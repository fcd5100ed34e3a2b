using System.Net.Sockets;
using Mandos.Core.Linux;

namespace Mandos.Core.Exchange;

/// <summary>Reads the greeting from a new connection within a time limit.</summary>
internal sealed class GreetingReader(Socket socket)
{
    private readonly byte[] _bytes = new byte[GreetingLine.MaximumLength + 2];
    private int _start, _end;

    /// <summary>The bytes that arrived together with the line, after it.</summary>
    internal ReadOnlyMemory<byte> Surplus => _bytes.AsMemory(_start.._end);

    /// <summary>Whether the line announced a rehearsal.</summary>
    internal bool IsRehearsal { get; private set; }

    /// <summary>Reads the line; null if it was a greeting.</summary>
    internal async Task<DeliveryAcceptance?> ReadAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(limit, time, cancellationToken);
        try
        {
            var verdict = await ReadLineAsync(deadline.Token).ConfigureAwait(false);
            IsRehearsal = verdict == GreetingVerdict.Rehearsal;
            return verdict switch
            {
                GreetingVerdict.Accepted or GreetingVerdict.Rehearsal => null,
                GreetingVerdict.NewerVersion => new(AcceptanceOutcome.UnsupportedVersion, "the peer uses a newer version of the protocol"),
                _ when _end == 0 => new(AcceptanceOutcome.NoGreeting, "the peer closed the connection without a greeting"),
                _ => new(AcceptanceOutcome.NoGreeting, "the first line is not a greeting"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(AcceptanceOutcome.TimedOut, $"no greeting within {limit.TotalSeconds:0.#} s");
        }
        catch (SocketException e)
        {
            return new(AcceptanceOutcome.ConnectionLost, $"connection lost during the greeting: {SystemFailure.Reason(e)}");
        }
    }

    private async Task<GreetingVerdict> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (_end < _bytes.Length)
        {
            var count = await socket.ReceiveAsync(_bytes.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _end += count;
            if (GreetingLine.TryFind(_bytes.AsSpan(0, _end), out var lineLength, out _start))
                return GreetingLine.Judge(_bytes.AsSpan(0, lineLength));
            // The end of the stream ends the line too.
            if (count == 0)
            {
                _start = _end;
                return GreetingLine.Judge(_bytes.AsSpan(0, _end).TrimEnd((byte)'\r'));
            }
        }
        return GreetingVerdict.Nonsense;
    }
}
