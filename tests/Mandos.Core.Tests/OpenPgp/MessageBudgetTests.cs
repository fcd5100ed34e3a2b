using System.IO.Compression;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Messages;
using Org.BouncyCastle.Bcpg;
using static Mandos.Core.Tests.OpenPgp.Packets;

namespace Mandos.Core.Tests.OpenPgp;

/// <summary>All layers of a message draw on one budget.</summary>
public sealed class MessageBudgetTests
{
    private const int SessionKey = 1, Compressed = 8, Marker = 10, Literal = 11, Private = 60;

    private static readonly byte[] Password = Packet(Literal, LiteralBody("correct horse"u8.ToArray()));

    private static readonly MessageLimits Small = new() { MaxPlaintext = 1000 };

    private static BouncyCastlePeer Peer => BouncyCastlePeer.Curve25519;

    [Fact]
    public void Compressed_packets_in_a_row_share_one_limit() =>
        AssertTooLarge(
            $"its content is larger than {Small.MaxContent} bytes", [.. Enumerable.Repeat(Bomb, 3).SelectMany(b => b), .. Password], Small);

    [Fact]
    public void Compressed_packets_inside_another_share_its_limit() =>
        AssertTooLarge(
            $"its content is larger than {Small.MaxContent} bytes",
            Compress([.. Enumerable.Repeat(Bomb, 20).SelectMany(b => b), .. Password]), Small);

    /// <summary>What kept the reader busy for 25 seconds: a few hundred bytes that inflate to 400 MiB.</summary>
    [Fact]
    public void Nested_compression_bombs_inflate_to_at_most_twice_the_content_limit()
    {
        var budget = Budget();
        using var content = new MessageContent(budget);
        var bomb = Compress(Packet(Private, new byte[budget.Limits.MaxContent - 64]));
        var failure = content.Read(Compress([.. Enumerable.Repeat(bomb, 100).SelectMany(b => b), .. Password]));
        Assert.Equal(MessageOutcome.TooLarge, failure!.Value.Outcome);
        Assert.InRange(budget.Inflatable, 0, budget.Limits.MaxContent);
    }

    [Fact]
    public void The_packet_limit_applies_to_all_layers_together()
    {
        var markers = Enumerable.Repeat(Packet(Marker, "PGP"u8.ToArray()), 100).SelectMany(b => b).ToArray();
        AssertTooLarge("it has more than 256 packets", [.. markers, .. Compress([.. markers, .. Compress([.. markers, .. Password])])]);
        AssertDecrypted([.. markers, .. Compress([.. markers, .. Password])]);
    }

    [Fact]
    public void The_packet_limit_includes_packets_outside_the_encryption()
    {
        var unknown = Packet(SessionKey, [99]);
        var message = Peer.Encrypt(Password);
        AssertTooLarge(
            Read([.. Enumerable.Repeat(unknown, 300).SelectMany(b => b), .. message], MessageLimits.Default),
            "it has more than 256 packets");
    }

    [Theory]
    [InlineData(5000, true)]
    [InlineData(1000, false)]
    public void Empty_compressed_blocks_count_towards_the_limit(int count, bool tooLarge)
    {
        // Stored blocks of no bytes; the last one has the last bit set.
        byte[] blocks = [.. Enumerable.Repeat<byte[]>([0, 0, 0, 0xff, 0xff], count).SelectMany(b => b), 1, 0, 0, 0xff, 0xff];
        byte[] content = [.. Packet(Compressed, [1, .. blocks]), .. Password];
        if (tooLarge)
            AssertTooLarge("it has more than 4096 compressed blocks", content);
        else
            AssertDecrypted(content);
    }

    [Fact]
    public void At_most_two_hidden_recipients_are_tried()
    {
        var message = Hidden(Peer.Encrypt(Password));
        var stranger = Hidden(BouncyCastlePeer.OtherKey.Encrypt(Password));
        var strange = stranger[..(2 + stranger[1])];
        using var plaintext = Read([.. strange, .. message], MessageLimits.Default).Plaintext;
        Assert.Equal("correct horse"u8.ToArray(), plaintext!.Span.ToArray());
        AssertTooLarge(Read([.. strange, .. strange, .. message], MessageLimits.Default), "it has more than 2 session keys to try");
    }

    public static TheoryData<string, byte[]> SlowMessages => new()
    {
        { "many packets", Peer.Encrypt([.. Enumerable.Repeat(Packet(Marker, [1]), 200).SelectMany(b => b), .. Password]) },
        { "deflate",
            Peer.Encrypt(
                Packet(
                    Compressed, [1, .. Enumerable.Repeat<byte[]>([0, 0, 0, 0xff, 0xff], 1000).SelectMany(b => b), 1, 0, 0, 0xff, 0xff])) },
        { "bzip2",
            Peer.Encrypt(BouncyCastlePeer.Compress(Packet(Literal, LiteralBody(new byte[100_000])), CompressionAlgorithmTag.BZip2)) },
        { "signatures", Peer.Encrypt(Peer.Sign([1, 2, 3])) },
        { "one packet", Peer.Encrypt(Password) },
    };

    /// <summary>A clock that goes on a minute with each look: whichever loop looks next ends it.</summary>
    [Theory]
    [MemberData(nameof(SlowMessages))]
    public void Decryption_has_a_time_limit(string kind, byte[] message)
    {
        using var keys = Peer.SecretKeys;
        for (var free = 0; free < 4; free++)
        {
            var result = MessageReader.Read(message, keys, Peer.PublicKeys, clock: new(new FastClock(free), CancellationToken.None));
            Assert.True(
                result is { Outcome: MessageOutcome.TooLarge, Detail: "it takes longer than 10 s to decrypt", Plaintext: null },
                kind + ": " + result.Detail);
        }
    }

    [Fact]
    public void A_cancelled_reading_stops_before_it_decrypts()
    {
        using var keys = Peer.SecretKeys;
        var result = MessageReader.Read(
            Peer.Encrypt(Password), keys, null, clock: new(TimeProvider.System, new CancellationToken(canceled: true)));
        Assert.Equal(new(MessageOutcome.TooLarge, SignatureState.None, "its result is no longer needed", null), result);
    }

    private static byte[] Bomb => Compress(Packet(Private, new byte[Small.MaxContent - 64]));

    private static byte[] Compress(byte[] packets) => Packet(Compressed, [1, .. Deflate(packets)]);

    private static byte[] Deflate(byte[] data)
    {
        using var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.Optimal))
            deflate.Write(data);
        return output.ToArray();
    }

    private static byte[] Hidden(byte[] message)
    {
        message.AsSpan(3, 8).Clear();
        return message;
    }

    private static void AssertDecrypted(byte[] content)
    {
        var result = Read(Peer.Encrypt(content), MessageLimits.Default);
        using var plaintext = result.Plaintext;
        Assert.True(result.Outcome == MessageOutcome.Decrypted, result.Detail);
    }

    private static void AssertTooLarge(string detail, byte[] content, MessageLimits? limits = null) =>
        AssertTooLarge(Read(Peer.Encrypt(content), limits ?? MessageLimits.Default), detail);

    private static void AssertTooLarge(MessageResult result, string detail) =>
        Assert.Equal(new(MessageOutcome.TooLarge, SignatureState.None, detail, null), result);

    private static MessageResult Read(byte[] message, MessageLimits limits)
    {
        using var keys = Peer.SecretKeys;
        return MessageReader.Read(message, keys, null, limits);
    }

    /// <summary>Stands still for some looks, then passes a minute with each.</summary>
    private sealed class FastClock(int free) : TimeProvider
    {
        private int _looks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 60L * Math.Max(0, _looks++ - free);
    }
}
