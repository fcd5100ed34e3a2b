using System.Buffers.Binary;
using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Core.Exchange.Crypto;
using Mandos.Core.Keys;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Tests.Exchange;

/// <summary>Recorded exchanges of the original, on both sides.</summary>
public sealed class GoldenHandshakeTests
{
    public static TheoryData<string> Successes { get; } =
        ["success-p256-aes256gcm", "x25519", "hrr-x448", "hrr-ffdhe3072", "chacha", "aes128gcm", "aes128ccm"];

    [Theory]
    [MemberData(nameof(Successes))]
    public void Our_key_schedule_and_ciphers_decrypt_what_the_original_sent(string name)
    {
        var recording = Recording.Of(name);
        var suite = ServerHello(recording.TlsServerBytes).Suite;

        var booting = new Reader(suite, recording.Secrets["SERVER_HANDSHAKE_TRAFFIC_SECRET"], recording.Secrets["SERVER_TRAFFIC_SECRET_0"]);
        var messages = booting.ReadAll(recording.TlsServerBytes);
        Assert.Equal([8, 11, 15, 20], booting.HandshakeTypes);
        // EncryptedExtensions: server_certificate_type (20) = raw public key (2).
        Assert.Contains("0014000102", Convert.ToHexStringLower(messages[0]), StringComparison.Ordinal);
        // Certificate: the key as it is in the file.
        using var keys = TlsKeyPair.Parse(Golden.Bytes("keys/tls-pubkey.pem"), Golden.Bytes("keys/tls-privkey.pem"));
        Assert.Contains(Convert.ToHexString(keys.SubjectPublicKeyInfo.Span), Convert.ToHexString(messages[1]), StringComparison.Ordinal);
        Assert.Equal([1, 0], booting.Alert);

        var server = new Reader(suite, recording.Secrets["CLIENT_HANDSHAKE_TRAFFIC_SECRET"], recording.Secrets["CLIENT_TRAFFIC_SECRET_0"]);
        server.ReadAll(recording.TlsClientBytes);
        Assert.Equal([20], server.HandshakeTypes);
        Assert.Equal(Golden.Bytes("secret-blob.pgp"), server.Data);
        Assert.Equal([1, 0], server.Alert);
    }

    [Fact]
    public void An_unknown_client_gets_only_a_close_notify()
    {
        var recording = Recording.Of("unknown");
        var server = new Reader(ServerHello(recording.TlsServerBytes).Suite,
            recording.Secrets["CLIENT_HANDSHAKE_TRAFFIC_SECRET"], recording.Secrets["CLIENT_TRAFFIC_SECRET_0"]);
        server.ReadAll(recording.TlsClientBytes);
        Assert.Empty(server.Data);
        Assert.Equal([1, 0], server.Alert);
    }

    [Theory]
    [MemberData(nameof(Successes))]
    public async Task We_answer_the_originals_ClientHello_without_a_second_round_trip(string name)
    {
        var hello = Recording.Of(name).TlsClientBytes;
        hello = hello[..(5 + BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(3)))];
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client);
        await pair.Server.SendAsync(hello, Ends.Ct);
        var (suite, group, sessionId, rest) = ServerHello(await ReadRecordsAsync(pair.Server, 6));
        Assert.Equal(CipherSuite.TLS_AES_256_GCM_SHA384, suite);
        Assert.Equal(NamedGroup.x25519, group);
        // legacy_session_id comes back as it was: behind type, length, version and random.
        Assert.Equal(hello[(5 + 4 + 2 + 32 + 1)..][..32], sessionId);
        // Then change_cipher_spec and four encrypted messages: no certificate request among them would fit in six records.
        Assert.Equal([20, 23, 23, 23, 23], rest.Select(r => r.Type));
        pair.Server.Close();
        (await retrieval).Dispose();
    }

    [Theory]
    [InlineData("tls12-fail")]
    [InlineData("normal-x509only-fail")]
    public async Task A_client_that_aborts_after_our_hello_is_a_failed_handshake(string name)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var acceptance = Ends.AcceptAsync(pair.Server);
        await pair.Client.SendAsync("1\r\n"u8.ToArray(), Ends.Ct);
        await pair.Client.SendAsync(Recording.Of(name).TlsServerBytes, Ends.Ct);
        await pair.Client.ReceiveAsync(new byte[4096], Ends.Ct);
        pair.Client.Shutdown(SocketShutdown.Send);
        using var result = await acceptance;
        Assert.Equal(AcceptanceOutcome.HandshakeFailed, result.Outcome);
        Assert.Equal("the peer closed the connection during the handshake", result.Detail);
    }

    [Theory]
    [InlineData("tls12-fail")]
    [InlineData("normal-x509only-fail")]
    public void The_originals_ClientHello_offers_what_we_need_even_where_its_client_failed(string name) =>
        Assert.Contains("00140002" + "0102", Convert.ToHexStringLower(Recording.Of(name).TlsClientBytes), StringComparison.Ordinal);

    private static async Task<byte[]> ReadRecordsAsync(Socket socket, int count)
    {
        var stream = new NetworkStream(socket);
        var all = new MemoryStream();
        await stream.ReadExactlyAsync(new byte[3], Ends.Ct);
        for (var i = 0; i < count; i++)
        {
            var header = new byte[5];
            await stream.ReadExactlyAsync(header, Ends.Ct);
            var fragment = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
            await stream.ReadExactlyAsync(fragment, Ends.Ct);
            all.Write(header);
            all.Write(fragment);
        }
        return all.ToArray();
    }

    /// <summary>The last ServerHello in the clear (the first may be a HelloRetryRequest), and the records behind it.</summary>
    private static (int Suite, int Group, byte[] SessionId, List<Record> Behind) ServerHello(byte[] stream)
    {
        var records = Records.Parse(stream);
        var at = records.FindLastIndex(r => r.Type == ContentType.handshake);
        var body = records[at].Fragment.AsSpan(4);
        var sessionId = body.Slice(35, body[34]).ToArray();
        var suite = BinaryPrimitives.ReadUInt16BigEndian(body[(35 + sessionId.Length)..]);
        var extensions = body[(35 + sessionId.Length + 5)..];
        var group = 0;
        while (!extensions.IsEmpty)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(extensions) == ExtensionType.key_share)
                group = BinaryPrimitives.ReadUInt16BigEndian(extensions[4..]);
            extensions = extensions[(4 + BinaryPrimitives.ReadUInt16BigEndian(extensions[2..]))..];
        }
        return (suite, group, sessionId, records[(at + 1)..]);
    }

    /// <summary>Decrypts one direction with secrets of the key log, by the classes of the boot side.</summary>
    private sealed class Reader(int suite, byte[] handshakeSecret, byte[] dataSecret)
    {
        private readonly int _hash = suite == CipherSuite.TLS_AES_256_GCM_SHA384 ? CryptoHashAlgorithm.sha384 : CryptoHashAlgorithm.sha256;
        private TlsAeadCipherImpl _cipher = null!;
        private byte[] _iv = [];
        private ulong _number;

        public List<byte> HandshakeTypes { get; } = [];

        public byte[] Data { get; private set; } = [];

        public byte[] Alert { get; private set; } = [];

        public List<byte[]> ReadAll(byte[] stream)
        {
            var messages = new List<byte[]>();
            UseKeysOf(handshakeSecret);
            foreach (var record in Records.Parse(stream).Where(r => r.Type == ContentType.application_data))
            {
                var (type, content) = Decrypt(record.Fragment);
                if (type == ContentType.handshake)
                {
                    messages.Add(content);
                    HandshakeTypes.Add(content[0]);
                    if (content[0] == HandshakeType.finished)
                        UseKeysOf(dataSecret);
                }
                else if (type == ContentType.alert)
                    Alert = content;
                else
                    Data = [.. Data, .. content];
            }
            return messages;
        }

        private void UseKeysOf(byte[] secret)
        {
            var traffic = new SlimTlsCrypto().CreateSecret(secret);
            var keyLength = suite is CipherSuite.TLS_AES_128_GCM_SHA256 or CipherSuite.TLS_AES_128_CCM_SHA256 ? 16 : 32;
            var key = TlsCryptoUtilities.HkdfExpandLabel(traffic, _hash, "key", Array.Empty<byte>(), keyLength).Extract();
            _iv = TlsCryptoUtilities.HkdfExpandLabel(traffic, _hash, "iv", Array.Empty<byte>(), 12).Extract();
            _number = 0;
            _cipher = suite switch
            {
                CipherSuite.TLS_CHACHA20_POLY1305_SHA256 => new BcChaCha20Poly1305(false),
                CipherSuite.TLS_AES_128_CCM_SHA256 => new AesCcmRecords(encrypts: false),
                _ => new AesGcmRecords(encrypts: false),
            };
            _cipher.SetKey(key, 0, key.Length);
        }

        private (byte Type, byte[] Content) Decrypt(byte[] fragment)
        {
            var nonce = (byte[])_iv.Clone();
            BinaryPrimitives.WriteUInt64BigEndian(nonce.AsSpan(4), BinaryPrimitives.ReadUInt64BigEndian(nonce.AsSpan(4)) ^ _number++);
            _cipher.Init(nonce, 16, [23, 3, 3, (byte)(fragment.Length >> 8), (byte)fragment.Length]);
            var plain = new byte[fragment.Length];
            var length = _cipher.DoFinal(fragment, 0, fragment.Length, plain, 0);
            var content = plain.AsSpan(0, length).TrimEnd((byte)0);
            return (content[^1], content[..^1].ToArray());
        }
    }
}
