using Mandos.Client.Retrieval;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Retrieval;

public sealed class KeyMaterialTests
{
    private static readonly byte[] TlsPublic = Golden.Bytes("keys/tls-pubkey.pem");
    private static readonly byte[] TlsPrivate = Golden.Bytes("keys/tls-privkey.pem");
    private static readonly byte[] PublicKey = Golden.Bytes("keys/pubkey.txt");
    private static readonly byte[] SecretKey = Golden.Bytes("keys/seckey.txt");
    private readonly List<string> _warnings = [];

    [Fact]
    public void Files_given_to_the_right_options_are_read_without_warnings()
    {
        using var keys = Parse(TlsPublic, TlsPrivate, PublicKey, SecretKey);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Swapped_key_files_are_used_for_what_they_contain()
    {
        using var keys = Parse(TlsPrivate, TlsPublic, SecretKey, PublicKey);
        Assert.Equal(
            [
                "the --tls-pubkey and --tls-privkey files are swapped; using each for what it contains",
                "the --seckey file has no secret key, but the --pubkey file has one; using that (are they swapped?)",
            ],
            _warnings);
    }

    [Fact]
    public void The_secret_key_serves_as_the_public_one()
    {
        using var keys = Parse(TlsPublic, TlsPrivate, SecretKey, SecretKey);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_damaged_public_key_is_replaced_by_the_public_part_of_the_secret_key()
    {
        using var keys = Parse(TlsPublic, TlsPrivate, "nothing"u8.ToArray(), SecretKey);
        Assert.Equal(["the --pubkey file cannot be used; using the public part of the key in the --seckey file"], _warnings);
    }

    [Fact]
    public void Text_around_the_armor_and_a_second_key_are_ignored()
    {
        var other = Golden.Bytes("openpgp/cv25519-seckey.txt");
        using var keys = Parse(
            TlsPublic, TlsPrivate, [.. "# mine\n"u8, .. PublicKey, .. "# the end\n"u8], [.. other, .. "# and\n"u8, .. SecretKey]);
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData(true, "the OpenPGP secret key cannot be used: it is a public key")]
    [InlineData(false, "the OpenPGP secret key cannot be read: it is neither OpenPGP packets nor their ASCII armor")]
    public void Without_a_secret_key_in_either_file_the_first_reason_is_reported(bool publicKey, string reason)
    {
        var error = Assert.Throws<KeyFormatException>(
            () => Parse(TlsPublic, TlsPrivate, PublicKey, publicKey ? PublicKey : "x"u8.ToArray()));
        Assert.Equal(reason, error.Message);
        Assert.Empty(_warnings);
    }

    private KeyMaterial Parse(byte[] tlsPublic, byte[] tlsPrivate, byte[] publicKey, byte[] secretKey)
    {
        using var one = SecretBuffer.CopyOf(tlsPublic);
        using var two = SecretBuffer.CopyOf(tlsPrivate);
        using var three = SecretBuffer.CopyOf(publicKey);
        using var four = SecretBuffer.CopyOf(secretKey);
        return KeyMaterial.Parse(new(one, two, three, four), _warnings.Add);
    }
}
