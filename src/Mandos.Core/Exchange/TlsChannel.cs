using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Mandos.Core.Linux.Sockets;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Moves records between a socket and BouncyCastle's TLS, which does no I/O itself, so that every wait can be cancelled. Records are
/// decrypted in place, so they are handed over one at a time in a buffer that is wiped afterwards. The caller owns the socket.
/// </summary>
/// <remarks>
/// <code>
/// +------+---------+--------+----------+
/// | type | version | length | fragment |   type 20 to 23, version ignored, length at most 2^14 + 256 (RFC 8446, 5.2)
/// +------+---------+--------+----------+
/// </code>
/// </remarks>
internal sealed class TlsChannel(
    Socket socket, TlsProtocol protocol, IHandshakeState notes, Func<CancellationToken, ValueTask<IDisposable?>>? turn = null)
    : IDisposable
{
    private const int HeaderLength = 5;
    private const int LargestFragment = (1 << 14) + 256;

    /// <summary>
    /// Enough for any handshake with one key, so that a peer that sends no more does not cost the memory of a whole record.
    /// </summary>
    private const int FirstCapacity = 3 * 1024;

    private byte[] _input = [];
    private int _inputLength;

    /// <summary>The number of bytes received so far.</summary>
    internal long Received { get; private set; }

    /// <summary>Whether the peer has sent close_notify.</summary>
    internal bool IsClosed => protocol.IsClosed;

    /// <summary>How much application data is available to <see cref="Take"/>.</summary>
    internal int Available => protocol.ApplicationDataAvailable;

    /// <summary>Moves application data out.</summary>
    internal int Take(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Available);
        return count == 0 ? 0 : protocol.ReadApplicationData(destination[..count]);
    }

    /// <summary>Processes bytes that arrived before TLS was ready (after the greeting).</summary>
    /// <exception cref="TlsFailure">The bytes are not TLS.</exception>
    internal void Begin(ReadOnlySpan<byte> early)
    {
        MakeRoom();
        early.CopyTo(_input);
        Received = _inputLength = early.Length;
        OfferRecords();
    }

    /// <summary>
    /// Waits for bytes from the peer, processes complete records, and sends the answers of TLS. False if the peer closed the connection.
    /// Records after the last one of the handshake are left for the next call, so that an error in them is not reported as a failed
    /// handshake.
    /// </summary>
    /// <exception cref="TlsFailure">The peer violated the protocol, or reported that we did.</exception>
    /// <exception cref="SocketException">The connection broke.</exception>
    internal async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!TryFindRecord(0, out _))
        {
            MakeRoom();
            TcpAcknowledgement.Hasten(socket);
            var count = await socket.ReceiveAsync(_input.AsMemory(_inputLength), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return false;
            Received += count;
            _inputLength += count;
        }
        if (turn is not null && notes.Negotiated is null && TryFindRecord(0, out _))
            await OfferInTurnAsync(turn, cancellationToken).ConfigureAwait(false);
        else
            OfferRecords();
        await SendAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Sends what TLS has ready for the peer.</summary>
    internal async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        while (protocol.GetAvailableOutputBytes() is > 0 and var available)
        {
            // The buffer contains only ciphertext, so it may come from a shared pool.
            var output = ArrayPool<byte>.Shared.Rent(Math.Min(available, HeaderLength + LargestFragment));
            try
            {
                for (var rest = output.AsMemory(0, protocol.ReadOutput(output, 0, output.Length)); !rest.IsEmpty;)
                    rest = rest[await socket.SendAsync(rest, cancellationToken).ConfigureAwait(false)..];
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(output);
            }
        }
    }

    /// <summary>Encrypts and sends application data, one record at a time.</summary>
    internal async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        for (; !data.IsEmpty; data = data[Math.Min(data.Length, protocol.ApplicationDataLimit)..])
        {
            protocol.WriteApplicationData(data.Span[..Math.Min(data.Length, protocol.ApplicationDataLimit)]);
            await SendAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends the alert that TLS has ready (close_notify or an error), if the peer still accepts it.</summary>
    internal async ValueTask SayLastWordsAsync(ExchangeLimits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(limits.Close, time, cancellationToken);
        try
        {
            await SendAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A peer that does not read the alert must not delay us. Earlier results remain valid, even if the caller cancels now.
        }
        catch (SocketException)
        {
            // The peer has already disconnected.
        }
    }

    /// <summary>Wipes remaining decrypted data.</summary>
    public void Dispose()
    {
        SecretBuffer.Wipe(_input);
        PlaintextQueue.Wipe(protocol);
    }

    /// <summary>Makes room for more of a record after the bytes in the buffer.</summary>
    private void MakeRoom()
    {
        if (_inputLength < _input.Length)
            return;
        var larger = new byte[_input.Length == 0 ? FirstCapacity : HeaderLength + LargestFragment];
        _input.CopyTo(larger, 0);
        SecretBuffer.Wipe(_input);
        _input = larger;
    }

    /// <summary>
    /// Processes a flight of the peer's handshake (key agreement, signature) when it is this connection's turn. Data that arrives during
    /// the wait belongs to the same step, so that a peer whose messages arrive one by one waits only once.
    /// </summary>
    private async ValueTask OfferInTurnAsync(Func<CancellationToken, ValueTask<IDisposable?>> own, CancellationToken cancellationToken)
    {
        using var running = await own(cancellationToken).ConfigureAwait(false);
        while (_inputLength < _input.Length && socket.Available > 0 && socket.Receive(_input.AsSpan(_inputLength)) is > 0 and var count)
        {
            Received += count;
            _inputLength += count;
        }

        OfferRecords();
    }

    private void OfferRecords()
    {
        var start = 0;
        var shakingHands = notes.Negotiated is null;
        try
        {
            while (!protocol.IsClosed && shakingHands == (notes.Negotiated is null) && TryFindRecord(start, out var length))
            {
                Offer(start, length);
                start += length;
            }
        }
        finally
        {
            var rest = protocol.IsClosed ? 0 : _inputLength - start;
            _input.AsSpan(start, rest).CopyTo(_input);
            SecretBuffer.Wipe(_input.AsSpan(rest, _inputLength - rest));
            _inputLength = rest;
        }
    }

    private bool TryFindRecord(int start, out int length)
    {
        length = 0;
        var bytes = _input.AsSpan(start, _inputLength - start);
        if (bytes.IsEmpty)
            return false;
        if (bytes[0] is < (byte)ContentType.change_cipher_spec or > (byte)ContentType.application_data)
            throw TlsFailure.NotTls();
        if (bytes.Length < HeaderLength)
            return false;
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        // A header with an excessive length is handed over alone: TLS answers it with its alert.
        length = HeaderLength + (fragment <= LargestFragment ? fragment : 0);
        return bytes.Length >= length;
    }

    private void Offer(int start, int length)
    {
        var (isData, before) = (notes.Negotiated is not null, protocol.ApplicationDataAvailable);
        try
        {
            protocol.OfferInput(_input, start, length);
        }
        catch (TlsFatalAlertReceived e)
        {
            throw TlsFailure.PeerSentAlert(e.AlertDescription);
        }
        catch (TlsFatalAlert e)
        {
            throw TlsFailure.WeObject(e, notes.Objection);
        }
        // Whatever exception a hostile peer causes in the library ends only this connection.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw TlsFailure.Unreadable(e);
        }

        if (isData && !protocol.IsClosed && notes.Bounds.CountRecord(length, protocol.ApplicationDataAvailable - before) is { } excess)
            throw TlsFailure.Idle(excess);
    }
}
