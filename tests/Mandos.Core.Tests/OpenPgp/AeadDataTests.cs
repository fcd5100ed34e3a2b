using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Messages;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class AeadDataTests
{
    private const string HelloWorld = "CB1462000000000048656C6C6F2C20776F726C64210A";

    /// <summary>The complete examples of draft-ietf-openpgp-rfc4880bis, appendices A.1 and A.2 (packet 20).</summary>
    [Theory]
    [InlineData(
        "86F1EFB86952329F24ACD3BFD0E5346D",
        "0107010EB732379F73C4928DE25FACFE6517EC105DC11A81DC0CB8A2F6F3D90016384A56FC821AE11AE8DBCB49862655DEA88D06A81486801B0FF387BD2EAB013DE1259586906EAB2476")]
    [InlineData(
        "D1F01BA30E130AA7D2582C16E050AE44",
        "0107020E5ED2BC1E470ABE8F1D644C7A6C8A567B0F7701196611A154BA9C2574CD056284A8EF68035C623D93CC708A43211BB6EAF2B27F7C18D571BCD83B20ADD3A08B73AF15B9A098")]
    public void The_examples_of_the_draft_decrypt(string sessionKey, string body) =>
        Assert.Equal(HelloWorld, Decrypt(PacketTag.AeadEncrypted, sessionKey, Convert.FromHexString(body)));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 63)]
    [InlineData(2, 64)]
    [InlineData(2, 65)]
    [InlineData(3, 0)]
    [InlineData(3, 200)]
    public void Version_2_decrypts_in_every_mode_with_any_number_of_chunks(int mode, int length)
    {
        var data = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        var key = Enumerable.Range(0, 32).Select(i => (byte)(i * 7)).ToArray();
        Assert.Equal(
            Convert.ToHexString(data),
            Decrypt(PacketTag.IntegrityProtected, Convert.ToHexString(key), Version2((AeadAlgorithm)mode, key, data)));
    }

    [Fact]
    public void A_missing_duplicated_or_changed_chunk_is_refused()
    {
        var key = new byte[32];
        var whole = Version2(AeadAlgorithm.Ocb, key, new byte[200]);
        const int first = 4 + 32, chunk = 64 + 16;
        byte[][] altered =
        [
            [.. whole[..first], .. whole[(first + chunk)..]],
            [.. whole[..(first + chunk)], .. whole[first..]],
            whole[..^16],
            whole[..^1],
            [.. whole, 0],
            [.. whole[..(first + chunk)], .. whole[^16..]],
        ];
        Assert.All(altered, body => Assert.Null(Decrypt(PacketTag.IntegrityProtected, Convert.ToHexString(key), body)));
    }

    /// <summary>The smallest chunks that there are: a message of 8 MiB has a hundred thousand.</summary>
    [Fact]
    public void Decryption_has_a_time_limit()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var budget = new MessageBudget(MessageLimits.Default, new(time, CancellationToken.None));
        Assert.Null(AeadData.Read(PacketTag.IntegrityProtected, Version2(AeadAlgorithm.Ocb, new byte[32], new byte[200]), out var data));
        using var key = SessionKey.Of(CipherAlgorithm.None, new byte[32]);
        using var inTime = data.Decrypt(key, budget);
        Assert.Equal(200, inTime!.Length);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(data.Decrypt(key, budget));
        Assert.Equal("it takes longer than 10 s to decrypt", budget.Exceeded!.Value.Detail);
    }

    [Fact]
    public void A_key_of_the_wrong_length_decrypts_nothing() =>
        Assert.Null(Decrypt(PacketTag.IntegrityProtected, new('0', 32), Version2(AeadAlgorithm.Ocb, new byte[32], [1])));

    [Theory]
    [InlineData(new byte[] { 1, 9, 2 }, "its encrypted data is truncated")]
    [InlineData(new byte[] { 1, 9, 2, 0, 1 }, "its encrypted data is truncated")]
    [InlineData(
        new byte[] { 1, 3, 2, 0 },
        "it is encrypted with cipher 3; only 3DES, CAST5, AES, Twofish and Camellia (2, 3, 7 to 13) are supported")]
    [InlineData(new byte[] { 1, 9, 4, 0 }, "it is encrypted in authenticated mode 4, which is not supported")]
    public void Headers_are_checked(byte[] body, string detail) =>
        Assert.Equal(detail, AeadData.Read(PacketTag.AeadEncrypted, body, out _)!.Value.Detail);

    private static string? Decrypt(PacketTag tag, string sessionKey, byte[] body)
    {
        Assert.Null(AeadData.Read(tag, body, out var data));
        using var key = SessionKey.Of(CipherAlgorithm.None, Convert.FromHexString(sessionKey));
        using var packets = data.Decrypt(key, Packets.Budget());
        return packets is null ? null : Convert.ToHexString(packets.Span);
    }

    /// <summary>Chunks of 64 octets, AES-256 (RFC 9580 section 5.13.2).</summary>
    private static byte[] Version2(AeadAlgorithm mode, byte[] sessionKey, byte[] data)
    {
        byte[] header = [2, 9, (byte)mode, 0];
        byte[] associated = [0xD2, .. header];
        var salt = Enumerable.Repeat((byte)0x5A, 32).ToArray();
        var nonceLength = mode switch { AeadAlgorithm.Eax => 16, AeadAlgorithm.Ocb => 15, _ => 12 };
        var hkdf = new HkdfBytesGenerator(new Sha256Digest());
        hkdf.Init(new HkdfParameters(sessionKey, salt, associated));
        var derived = new byte[32 + nonceLength - 8];
        hkdf.GenerateBytes(derived);

        List<byte> body = [.. header, .. salt];
        long index = 0;
        foreach (var chunk in data.Chunk(64))
            body.AddRange(Seal(associated, chunk, index++));
        body.AddRange(Seal([.. associated, .. BigEndian(data.Length)], [], index));
        return [.. body];

        byte[] Seal(byte[] authenticated, byte[] chunk, long number)
        {
            IAeadCipher cipher = mode switch
            {
                AeadAlgorithm.Eax => new EaxBlockCipher(AesUtilities.CreateEngine()),
                AeadAlgorithm.Ocb => new OcbBlockCipher(AesUtilities.CreateEngine(), AesUtilities.CreateEngine()),
                _ => new GcmBlockCipher(AesUtilities.CreateEngine()),
            };
            cipher.Init(
                true, new AeadParameters(new KeyParameter(derived[..32]), 128, [.. derived[32..], .. BigEndian(number)], authenticated));
            var output = new byte[cipher.GetOutputSize(chunk.Length)];
            var written = cipher.ProcessBytes(chunk, 0, chunk.Length, output, 0);
            cipher.DoFinal(output, written);
            return output;
        }
    }

    private static byte[] BigEndian(long value)
    {
        var bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
