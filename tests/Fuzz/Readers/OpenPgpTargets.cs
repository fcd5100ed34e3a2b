using Mandos.Core.Keys;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Compression;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;

namespace Mandos.Fuzz.Readers;

/// <summary>
/// OpenPGP: keys, whole messages, and what stands behind the integrity check, which a changed message does not get past: the
/// packets inside, and the inflater.
/// </summary>
internal static class OpenPgpTargets
{
    internal static IEnumerable<FuzzTarget> All =>
    [
        new(
            "openpgp-message-cv25519", Seeds.Files("openpgp/cv25519-*.pgp"),
            Message("openpgp/cv25519-seckey.txt", "openpgp/cv25519-pubkey.txt")),
        new("openpgp-message-rsa", Seeds.Files("openpgp/rsa-*.pgp"), Message("keys/seckey.txt", "keys/pubkey.txt")),
        new("openpgp-content", ContentSeeds(), Content) { Words = ContentSeeds() },
        new(
            "openpgp-packets", [[1, 5, 1, 1, 0, 8, 0, .. "password"u8, 0], [2, 5, 2, 1, 2, 1, 255, 255, 0, 31, 0, 3, 0, 97, 98, 99, 0]],
            bytes => Content(new PacketScript().Write(bytes))) { Longest = 512 },
        new("openpgp-inflate", InflateSeeds(), Inflate),
        new("openpgp-secret-key", Seeds.Files("openpgp/*-seckey.txt"), bytes => OrKeyFormat(() => SecretKeyRing.Parse(bytes).Dispose())),
        new("openpgp-public-key", Seeds.Files("openpgp/*-pubkey.txt"), bytes => OrKeyFormat(() => PublicKeyRing.Parse(bytes))),
    ];

    /// <summary>Runs a reader that documents <see cref="KeyFormatException"/> as its answer to bytes that are not a key.</summary>
    internal static void OrKeyFormat(Action parse)
    {
        try
        {
            parse();
        }
        catch (KeyFormatException)
        {
            // The documented answer.
        }
    }

    private static Action<byte[]> Message(string secretFile, string publicFile)
    {
        var secretKeys = SecretKeyRing.Parse(Golden.Bytes(secretFile));
        var publicKeys = PublicKeyRing.Parse(Golden.Bytes(publicFile));
        return bytes => MessageReader.Read(bytes, secretKeys, publicKeys).Plaintext?.Dispose();
    }

    private static MessageBudget NewBudget() => new(MessageLimits.Default, MessageClock.System);

    private static void Content(byte[] bytes)
    {
        using var content = new MessageContent(NewBudget());
        _ = content.Read(bytes.AsSpan());
        content.TakePlaintext()?.Dispose();
    }

    private static void Inflate(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        var output = new GrowingBuffer(64, 1 << 20);
        var inflater = new Inflater(bytes.AsSpan(1), output, NewBudget());
        _ = bytes[0] % 2 == 0 ? inflater.Inflate() : inflater.InflateZlib();
        output.Dispose();
    }

    /// <summary>A literal packet; the same compressed by ZIP, not compressed; an announced signature; a marker.</summary>
    private static byte[][] ContentSeeds()
    {
        byte[] literal = [0xCB, 14, (byte)'b', 0, 0, 0, 0, 0, .. "password"u8];
        byte[] zip = [1, .. Deflated(literal)];
        return
        [
            literal,
            [0xC8, (byte)zip.Length, .. zip],
            [0xC8, (byte)(literal.Length + 1), 0, .. literal],
            [0xC4, 13, 3, 0, 10, 1, 1, 2, 3, 4, 5, 6, 7, 8, 1, .. literal, 0xC2, 5, 4, 0, 1, 10, 0],
            [0xCA, 3, .. "PGP"u8],
            [0xAC, 9, .. literal[2..11]],
        ];
    }

    private static byte[][] InflateSeeds()
    {
        var text = "aaaaaaaaaabcabcabcabc, the quick brown fox, the quick brown fox"u8.ToArray();
        return [[0, .. Deflated(text)], [0, 1, 3, 0, 0xFC, 0xFF, 1, 2, 3], [1, 0x78, 0x9C, .. Deflated(text), 0, 0, 0, 0],
            [0, 0x4B, 0x4C, 4, 0]];
    }

    private static byte[] Deflated(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var deflate = new System.IO.Compression.DeflateStream(output, System.IO.Compression.CompressionLevel.SmallestSize))
            deflate.Write(bytes);
        return output.ToArray();
    }
}
