using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Org.BouncyCastle.Tls;

namespace Mandos.Fuzz.Readers;

/// <summary>
/// The exchange: the greeting, priority strings, keys, and TLS on both sides, over a socket whose peer has said all and left.
/// </summary>
internal static class ExchangeTargets
{
    private static readonly TlsKeyPair OwnKeys = TlsKeyPair.Parse(
        Golden.Bytes("keys/tls-pubkey.pem"), Golden.Bytes("keys/tls-privkey.pem"));
    private static readonly ExchangeLimits Limits = new();
    private static readonly byte[][] Records =
        [Seeds.Hex("160303"), Seeds.Hex("140303000101"), Seeds.Hex("170303"), Seeds.Hex("1503030002"), Seeds.Hex("0304"), Seeds.Hex("001D"),
            Seeds.Hex("0017")];

    internal static IEnumerable<FuzzTarget> All =>
    [
        new("greeting", Seeds.Texts("1\r\n", "  1 foo\n", "-7\r\n"), Greeting),
        new("priority", Seeds.Texts(
            "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA", "NORMAL:-GROUP-ALL:+GROUP-X25519"),
            bytes =>
                _ = TlsPriority.TryParse(Encoding.UTF8.GetString(bytes), out _, out _)) { Words = Seeds.Texts(
                    ":+", ":-", ":!", "GROUP-", "SIGN-", "VERS-", "CIPHER-", "ALL") },
        new("tls-key", Seeds.Files("keys/*.pem"), bytes => OpenPgpTargets.OrKeyFormat(() => TlsKeyPair.Parse(bytes, bytes).Dispose())),
        new("tls-peer-key", KeySeeds(), PeerKey),
        new("tls-client", [.. Recordings("client->server")], Deliver) { Words = Records, Longest = 40_000 },
        new("tls-server", [.. Recordings("server->client")], Retrieve) { Words = Records, Longest = 40_000 },
        new("tls-between", [[], Script.Step([0, 3, 1, 0], []), Script.Step([1, 2, 2, 5], [1, 2, 3])], Between),
    ];

    private static void Greeting(byte[] bytes)
    {
        if (GreetingLine.TryFind(bytes, out var line, out _))
            GreetingLine.Judge(bytes.AsSpan(0, line));
    }

    /// <summary>The peer's key, as its Certificate message carries it.</summary>
    private static void PeerKey(byte[] bytes) => OpenPgpTargets.OrKeyFormat(() =>
    {
        SubjectPublicKey.Parse(bytes);
        _ = KeyId.FromSubjectPublicKeyInfo(bytes);
    });

    /// <summary>The server's side: greeting, TLS client, and what a known machine gets.</summary>
    private static void Deliver(byte[] bytes) => Converse(bytes, socket =>
    {
        using var acceptance = Wait(DeliverySession.AcceptAsync(socket, TlsPriority.Default, Limits, TimeProvider.System, default)).Session;
        if (acceptance is not null)
            _ = Wait(acceptance.DeliverAsync("secret"u8.ToArray(), default));
    });

    /// <summary>The booting machine's side.</summary>
    private static void Retrieve(byte[] bytes) => Converse(bytes, socket =>
        Wait(SecretRetrieval.RunAsync(socket, OwnKeys, TlsPriority.Default, Limits, TimeProvider.System, null, default)).Dispose());

    private static void Converse(byte[] bytes, Action<Socket> side)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var address = new UnixDomainSocketEndPoint($"\0mandos-fuzz-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}");
        listener.Bind(address);
        listener.Listen(1);
        using var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        peer.Connect(address);
        using var own = listener.Accept();
        peer.Send(bytes);
        peer.Shutdown(SocketShutdown.Send);
        side(own);
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    /// <summary>
    /// Both sides without sockets, and an attacker between them: a step names a direction, the number of the record from there,
    /// what is done with it (changed, cut, repeated, kept back, replaced), and where.
    /// </summary>
    private static void Between(byte[] bytes)
    {
        var showing = new RawPublicKeyTlsServer(OwnKeys, TlsPriority.Default, Limits.HandshakeBytes);
        var boot = new RawPublicKeyTlsServerProtocol(showing);
        var asking = new RawPublicKeyTlsClient(TlsPriority.Default, Limits);
        var server = new RawPublicKeyTlsClientProtocol(asking.Bounds);
        try
        {
            boot.Accept(showing);
            server.Connect(asking);
            var tamper = new Tampering(bytes);
            for (var round = 0; round < 8 && (Move(server, boot, 0, tamper) | Move(boot, server, 1, tamper)); round++)
            {
                if (asking.Negotiated is not null && !server.IsClosed)
                    server.WriteApplicationData("secret"u8);
            }
        }
        catch (Exception e) when (e is TlsFatalAlert or TlsException or IOException or InvalidOperationException)
        {
            // What TlsChannel turns into a failed attempt.
        }
    }

    private static bool Move(TlsProtocol from, TlsProtocol to, int direction, Tampering tamper)
    {
        var bytes = new byte[from.GetAvailableOutputBytes()];
        from.ReadOutput(bytes, 0, bytes.Length);
        foreach (var record in tamper.With(direction, bytes))
            to.OfferInput(record);
        return bytes.Length > 0;
    }

    private static IEnumerable<byte[]> Recordings(string direction)
    {
        foreach (var file in Directory.GetFiles(Golden.Path("handshake"), "*.tcp.json").Order(StringComparer.Ordinal))
        {
            using var stream = new MemoryStream();
            using var events = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var step in events.RootElement.EnumerateArray().Where(s => s[1].GetString() == direction && s[2].GetString() != "EOF"))
                stream.Write(Convert.FromHexString(step[2].GetString()!));
            yield return stream.ToArray();
        }
    }

    private static byte[][] KeySeeds() =>
        [.. Directory.GetFiles(Golden.Path("keys"), "*pub*.pem").Order(StringComparer.Ordinal)
            .Select(f => Convert.FromBase64String(string.Concat(File.ReadLines(f).Where(l => !l.StartsWith('-')))))];
}
