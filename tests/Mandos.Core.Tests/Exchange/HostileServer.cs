using System.Net.Sockets;
using Mandos.Core.Exchange;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Exchange;

/// <summary>A Mandos server that shakes hands as it should, and then does what a test wants.</summary>
internal sealed class HostileServer : IDisposable
{
    private readonly Protocol _protocol = new();
    private readonly TlsChannel _channel;

    private HostileServer(Socket socket, KeyAskingClient client) => _channel = new(socket, _protocol, client);

    public static async Task<HostileServer> ShakeHandsAsync(Socket socket)
    {
        var greeting = new byte[3];
        for (var got = 0; got < greeting.Length;)
            got += await socket.ReceiveAsync(greeting.AsMemory(got), Ends.Ct);
        Assert.Equal("1\r\n"u8.ToArray(), greeting);
        var client = new KeyAskingClient(TlsPriority.Default, Ends.Patient.HandshakeBytes);
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

    public async Task UpdateKeysAsync()
    {
        _protocol.UpdateKeys();
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

        public void UpdateKeys() => Send13KeyUpdate(updateRequested: true);

        public void RaiseAlert(short description)
        {
            if (description == AlertDescription.close_notify)
                RaiseAlertWarning(description, "test");
            else
                RaiseAlertFatal(description, "test", null);
        }
    }
}
