using System.Formats.Asn1;
using System.Security.Cryptography;
using Mandos.Core.Keys;

namespace Mandos.Core.Tests.Keys;

/// <summary>One key has one encoding, and so one key ID; and no key costs more than a few milliseconds to verify with.</summary>
public sealed class PublicKeyRulesTests
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1", RsassaPss = "1.2.840.113549.1.1.10", EcPublicKey = "1.2.840.10045.2.1";
    private const string Ed25519 = "1.3.101.112", Ed448 = "1.3.101.113", P256 = "1.2.840.10045.3.1.7";

    [Theory]
    [MemberData(nameof(GeneratedKeys.Kinds), MemberType = typeof(GeneratedKeys))]
    public void Every_key_type_is_accepted_as_other_programs_encode_it(string kind) =>
        PublicKeyRules.Check(GeneratedKeys.Der(GeneratedKeys.Of(kind).PublicPem), 4096);

    [Theory]
    [InlineData(Ed25519, 32, "an Ed25519 key with unusual algorithm parameters")]
    [InlineData(Ed448, 57, "an Ed448 key with unusual algorithm parameters")]
    public void An_Edwards_key_with_parameters_is_refused(string algorithm, int length, string message) =>
        Assert.Equal(message, Refusal(Spki(algorithm, w => w.WriteNull(), new byte[length])));

    [Theory]
    [InlineData(Ed25519, 31, "an Ed25519 key of 31 bytes")]
    [InlineData(Ed25519, 33, "an Ed25519 key of 33 bytes")]
    [InlineData(Ed448, 32, "an Ed448 key of 32 bytes")]
    public void An_Edwards_key_of_the_wrong_length_is_refused(string algorithm, int length, string message) =>
        Assert.Equal(message, Refusal(Spki(algorithm, null, new byte[length])));

    [Fact]
    public void An_RSA_key_must_have_NULL_parameters_and_an_RSA_PSS_key_none()
    {
        Assert.Equal("an RSA key with unusual algorithm parameters", Refusal(Spki(RsaEncryption, null, Rsa(2048, 65537))));
        Assert.Equal(
            "an RSA key with unusual algorithm parameters", Refusal(Spki(RsaEncryption, w => w.WriteInteger(5), Rsa(2048, 65537))));
        Assert.Equal(
            "an RSA-PSS key with restricted parameters is not supported", Refusal(Spki(RsassaPss, w => w.WriteNull(), Rsa(2048, 65537))));
    }

    [Fact]
    public void An_EC_key_with_extra_algorithm_parameters_is_refused() =>
        Assert.Equal("an ECDSA P-256 key with unusual algorithm parameters", Refusal(Spki(EcPublicKey, w =>
        {
            w.WriteObjectIdentifier(P256);
            w.WriteNull();
        }, [4, .. new byte[64]])));

    [Theory]
    [InlineData(2, 33)]
    [InlineData(3, 33)]
    [InlineData(6, 65)]
    [InlineData(7, 65)]
    [InlineData(4, 64)]
    [InlineData(4, 66)]
    [InlineData(0, 1)]
    public void An_EC_key_must_be_an_uncompressed_point(byte form, int length) =>
        Assert.Equal(
            "an ECDSA P-256 key that is not an uncompressed point",
            Refusal(Spki(EcPublicKey, w => w.WriteObjectIdentifier(P256), [form, .. new byte[length - 1]])));

    [Theory]
    [InlineData(1024, 65537, null)]
    [InlineData(4096, 65537, null)]
    [InlineData(4096, 3, null)]
    [InlineData(4096, 131071, null)]
    [InlineData(1016, 65537, "an RSA key of 1016 bits (1024 to 4096 are accepted)")]
    [InlineData(4104, 65537, "an RSA key of 4104 bits (1024 to 4096 are accepted)")]
    [InlineData(8192, 65537, "an RSA key of 8192 bits (1024 to 4096 are accepted)")]
    [InlineData(2048, 1, "an RSA key whose public exponent is not between 3 and 131072")]
    [InlineData(2048, 131073, "an RSA key whose public exponent is not between 3 and 131072")]
    [InlineData(2048, 2147483647, "an RSA key whose public exponent is not between 3 and 131072")]
    [InlineData(2048, 4294967297, "an RSA key whose public exponent is not between 3 and 131072")]
    [InlineData(2048, 65536, "an RSA key with an even number")]
    public void An_RSA_key_of_an_unsupported_size_or_exponent_is_refused(int bits, long exponent, string? message) =>
        Assert.Equal(message, Refusal(Spki(RsaEncryption, w => w.WriteNull(), Rsa(bits, exponent))));

    [Fact]
    public void Larger_RSA_keys_can_be_allowed() =>
        PublicKeyRules.Check(Spki(RsaEncryption, w => w.WriteNull(), Rsa(8192, 65537)), 8192);

    [Theory]
    [InlineData("00", "")]
    [InlineData("", "00")]
    [InlineData("00", "00")]
    public void The_numbers_of_an_RSA_key_must_be_in_their_shortest_form(string beforeModulus, string beforeExponent)
    {
        byte[] modulus = [.. Convert.FromHexString(beforeModulus), 0, .. Modulus(2048)];
        byte[] exponent = [.. Convert.FromHexString(beforeExponent), 1, 0, 1];
        byte[] content = [2, 0x82, (byte)(modulus.Length >> 8), (byte)modulus.Length, .. modulus, 2, (byte)exponent.Length, .. exponent];
        byte[] key = [0x30, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content];

        Assert.Equal("an RSA key whose numbers are not in their shortest form", Refusal(Spki(RsaEncryption, w => w.WriteNull(), key)));
    }

    private static string? Refusal(byte[] key)
    {
        try
        {
            PublicKeyRules.Check(key, 4096);
            return null;
        }
        catch (KeyFormatException e)
        {
            return e.Message;
        }
    }

    private static byte[] Spki(string algorithm, Action<AsnWriter>? parameters, byte[] key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(algorithm);
                parameters?.Invoke(writer);
            }

            writer.WriteBitString(key);
        }

        return writer.Encode();
    }

    private static byte[] Rsa(int bits, long exponent)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(Modulus(bits));
            writer.WriteInteger(exponent);
        }

        return writer.Encode();
    }

    private static byte[] Modulus(int bits)
    {
        var modulus = RandomNumberGenerator.GetBytes(bits / 8);
        modulus[0] |= 0x80;
        modulus[^1] |= 1;
        return modulus;
    }
}
