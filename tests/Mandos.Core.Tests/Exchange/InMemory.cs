using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Exchange;

/// <summary>A TLS connection between two protocol objects, without sockets.</summary>
internal static class InMemory
{
    /// <summary>Shakes hands; <paramref name="client"/> plays the Mandos server.</summary>
    public static (RawPublicKeyTlsServerProtocol Boot, TlsClientProtocol Server) Connect(TlsKeyPair keys, TlsClient client)
    {
        var showing = new RawPublicKeyTlsServer(keys, TlsPriority.Default, 65536);
        var boot = new RawPublicKeyTlsServerProtocol(showing);
        var server = new TlsClientProtocol();
        boot.Accept(showing);
        server.Connect(client);
        while (server.IsHandshaking || boot.IsHandshaking)
        {
            Assert.True(Move(server, boot) + Move(boot, server) > 0, "the handshake stands still");
        }
        return (boot, server);
    }

    /// <summary>Carries what one side has ready to the other.</summary>
    public static int Move(TlsProtocol from, TlsProtocol to)
    {
        var bytes = new byte[from.GetAvailableOutputBytes()];
        from.ReadOutput(bytes, 0, bytes.Length);
        if (bytes.Length > 0)
            to.OfferInput(bytes);
        return bytes.Length;
    }
}
