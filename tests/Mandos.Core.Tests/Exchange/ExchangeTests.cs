using CsCheck;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Mandos.Core.Tests.Keys;

namespace Mandos.Core.Tests.Exchange;

/// <summary>Our boot side and our server side, against each other.</summary>
public sealed class ExchangeTests
{
    [Theory]
    [MemberData(nameof(GeneratedKeys.Kinds), MemberType = typeof(GeneratedKeys))]
    public async Task A_machine_with_any_supported_key_type_gets_its_secret(string kind)
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var keys = GeneratedKeys.Of(kind).Parse();
        var (session, retrieval) = await Ends.MeetAsync(pair, keys);
        using (session)
        {
            Assert.Equal(keys.KeyId, session.KeyId);
            Assert.Equal(DeliveryOutcome.Confirmed, await session.DeliverAsync("a secret"u8.ToArray(), Ends.Ct));
        }
        using var result = await retrieval;
        AssertReceived("a secret"u8.ToArray(), result);
    }

    [Theory]
    [InlineData("X25519-MLKEM768", "X25519MLKEM768")]
    [InlineData("X25519", "X25519")]
    [InlineData("SECP256R1", "secp256r1")]
    [InlineData("SECP384R1", "secp384r1")]
    [InlineData("SECP521R1", "secp521r1")]
    public async Task Any_group_can_be_negotiated(string name, string shown)
    {
        var only = Ends.Priority($"{TlsPriority.DefaultText}:-GROUP-ALL:+GROUP-{name}");
        Assert.Equal($"TLS 1.3, AES_256_GCM_SHA384, {shown}", await NegotiateAsync(only, TlsPriority.Default));
        Assert.Equal($"TLS 1.3, AES_256_GCM_SHA384, {shown}", await NegotiateAsync(TlsPriority.Default, only));
    }

    [Theory]
    [InlineData("AES-256-GCM", "AES_256_GCM_SHA384")]
    [InlineData("CHACHA20-POLY1305", "CHACHA20_POLY1305_SHA256")]
    [InlineData("AES-128-GCM", "AES_128_GCM_SHA256")]
    [InlineData("AES-128-CCM", "AES_128_CCM_SHA256")]
    public async Task Any_cipher_suite_can_be_negotiated(string name, string shown)
    {
        var only = Ends.Priority($"{TlsPriority.DefaultText}:-CIPHER-ALL:+{name}");
        Assert.Equal($"TLS 1.3, {shown}, X25519MLKEM768", await NegotiateAsync(only, TlsPriority.Default));
        Assert.Equal($"TLS 1.3, {shown}, X25519MLKEM768", await NegotiateAsync(TlsPriority.Default, only));
    }

    [Fact]
    public async Task A_group_with_a_key_share_is_preferred_to_an_extra_round_trip()
    {
        var server = Ends.Priority($"{TlsPriority.DefaultText}:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X25519");
        Assert.EndsWith(", X25519", await NegotiateAsync(TlsPriority.Default, server), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16384)]
    [InlineData(16385)]
    [InlineData(40359)]
    [InlineData(200_000)]
    public async Task A_secret_of_any_size_arrives_unchanged(int size)
    {
        var secret = new byte[size];
        Random.Shared.NextBytes(secret);
        await AssertArrivesAsync(secret);
    }

    [Fact]
    public async Task Secrets_of_random_sizes_arrive_unchanged() =>
        await Gen.Byte.Array[1, 70_000].SampleAsync(AssertArrivesAsync, iter: 20, threads: 1);

    [Fact]
    public async Task A_secret_of_40359_bytes_is_sent_in_records_of_the_same_sizes_as_the_originals()
    {
        using var pair = await LoopbackPair.OpenAsync();
        await using var tap = new Tap();
        var retrieval = Ends.RetrieveAsync(await tap.InFrontOfAsync(pair.Server));
        using var acceptance = await Ends.AcceptAsync(pair.Client);
        Assert.Equal(DeliveryOutcome.Confirmed, await acceptance.Session!.DeliverAsync(new byte[40359], Ends.Ct));
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.Received, result.Outcome);
        var lengths = Records.Parse(tap.ToClient).Select(r => r.Fragment.Length).ToArray();
        Assert.Equal([16401, 16401, 7608, 19], lengths[^4..]);
    }

    [Fact]
    public async Task The_client_recognises_a_refusal()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var (session, retrieval) = await Ends.MeetAsync(pair);
        using (session)
            await session.RefuseAsync(Ends.Ct);
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.Refused, result.Outcome);
        Assert.Null(result.Secret);
    }

    [Fact]
    public async Task An_empty_secret_cannot_be_delivered_because_it_means_refusal()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var (session, retrieval) = await Ends.MeetAsync(pair);
        using (session)
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => session.DeliverAsync(default, Ends.Ct));
            await session.RefuseAsync(Ends.Ct);
        }
        (await retrieval).Dispose();
    }

    [Fact]
    public async Task Debug_output_shows_the_negotiated_parameters_and_our_own_key()
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var keys = TlsKeyPair.Parse(Golden.Bytes("keys/tls-pubkey.pem"), Golden.Bytes("keys/tls-privkey.pem"));
        var lines = new List<string>();
        var (session, retrieval) = await Ends.MeetAsync(pair, keys, debug: lines.Add);
        using (session)
            await session.DeliverAsync("s3cret"u8.ToArray(), Ends.Ct);
        (await retrieval).Dispose();
        Assert.Equal(["negotiated TLS 1.3, AES_256_GCM_SHA384, X25519MLKEM768; own key Ed25519 "
            + "d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23"], lines);
    }

    [Fact]
    public async Task A_client_may_keep_the_connection_open_after_its_close_notify()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var (session, retrieval) = await Ends.MeetAsync(pair);
        using (session)
            Assert.Equal(DeliveryOutcome.Confirmed, await session.DeliverAsync(new byte[10], Ends.Ct));
        Assert.True(pair.Client.Connected);
        (await retrieval).Dispose();
    }

    private static async Task<string> NegotiateAsync(TlsPriority client, TlsPriority server)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var (session, retrieval) = await Ends.MeetAsync(pair, clientPriority: client, serverPriority: server);
        using (session)
            Assert.Equal(DeliveryOutcome.Confirmed, await session.DeliverAsync(new byte[100], Ends.Ct));
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.Received, result.Outcome);
        return session.Negotiated.ToString();
    }

    private static async Task AssertArrivesAsync(byte[] secret)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var (session, retrieval) = await Ends.MeetAsync(pair);
        using (session)
            Assert.Equal(DeliveryOutcome.Confirmed, await session.DeliverAsync(secret, Ends.Ct));
        using var result = await retrieval;
        AssertReceived(secret, result);
    }

    private static void AssertReceived(byte[] secret, RetrievalResult result)
    {
        Assert.True(result.Outcome == RetrievalOutcome.Received, result.Detail);
        Assert.Equal(secret, result.Secret!.Span.ToArray());
    }
}
