using System.Net.Sockets;
using Mandos.Core.Exchange;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Exchange;

/// <summary>A Mandos server that shakes hands as it should, and then does what a test wants.</summary>
internal sealed class HostileServer : IDisposable
{
    private readonly Protocol _protocol = new();
    private readonly TlsChannel _channel;

    private HostileServer(Socket socket, RawPublicKeyTlsClient client) => _channel = new(socket, _protocol, client);

    public static async Task<HostileServer> ShakeHandsAsync(Socket socket)
    {
        var greeting = new byte[3];
        for (var got = 0; got < greeting.Length;)
            got += await socket.ReceiveAsync(greeting.AsMemory(got), Ends.Ct);
        Assert.Equal("1\r\n"u8.ToArray(), greeting);
        var client = new RawPublicKeyTlsClient(TlsPriority.Default, Ends.Patient);
        var server = new HostileServer(socket, client);
        var failure = await TlsHandshake.RunAsync(server._channel, async ct =>
        {
            server._protocol.Connect(client);
            await server._channel.SendAsync(ct);
        }, client, Ends.Patient, TimeProvider.System, Ends.Ct);
        Assert.Null(failure);
        return server;
    }

    public ValueTask WriteAsync(byte[] data) => _channel.WriteAsync(data, Ends.Ct);

    public async Task SendEmptyRecordAsync()
    {
        _protocol.WriteEmptyRecord();
        await _channel.SendAsync(Ends.Ct);
    }

    /// <summary>One record with nothing, or with data and padding.</summary>
    public async Task SendPaddedAsync(byte[] data, int padding)
    {
        _protocol.WritePadded(data, padding);
        await _channel.SendAsync(Ends.Ct);
    }

    public async Task UpdateKeysAsync(bool asksForOurs = true)
    {
        _protocol.UpdateKeys(asksForOurs);
        await _channel.SendAsync(Ends.Ct);
    }

    public async Task UpdateKeysInOneRecordAsync(int count)
    {
        _protocol.WriteKeyUpdatesTogether(count);
        await _channel.SendAsync(Ends.Ct);
    }

    public async Task WarnAsync()
    {
        _protocol.Warn(AlertDescription.user_canceled);
        await _channel.SendAsync(Ends.Ct);
    }

    public async Task SendAlertAsync(short description)
    {
        _protocol.RaiseAlert(description);
        await _channel.SendAsync(Ends.Ct);
    }

    public void Dispose() => _channel.Dispose();

    private sealed class Protocol : TlsClientProtocol
    {
        public void WriteEmptyRecord() => SafeWriteRecord(ContentType.application_data, [], 0, 0);

        public void UpdateKeys(bool updateRequested) => Send13KeyUpdate(updateRequested);

        public void Warn(short description) => RaiseAlertWarning(description, "test");

        /// <summary>
        /// What TLS encrypts is content, type and zeros (RFC 8446, 5.2): with a type of 0 at the end, the real one stands before
        /// the padding.
        /// </summary>
        public void WritePadded(byte[] data, int padding) =>
            SafeWriteRecord(0, [.. data, (byte)ContentType.application_data, .. new byte[padding - 1]], 0, data.Length + padding);

        public void WriteKeyUpdatesTogether(int count) =>
            SafeWriteRecord(
                ContentType.handshake,
                [.. Enumerable.Repeat<byte[]>([(byte)HandshakeType.key_update, 0, 0, 1, 0], count).SelectMany(m => m)], 0, 5 * count);

        public void RaiseAlert(short description)
        {
            if (description == AlertDescription.close_notify)
                RaiseAlertWarning(description, "test");
            else
                RaiseAlertFatal(description, "test", null);
        }
    }
}
