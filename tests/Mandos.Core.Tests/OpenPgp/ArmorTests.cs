using CsCheck;
using Mandos.Core.OpenPgp.Packets;
using Org.BouncyCastle.Bcpg;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class ArmorTests
{
    private const string Packet = "-----BEGIN PGP MESSAGE-----\nVersion: 1\n\nywEC\n=lOs8\n-----END PGP MESSAGE-----\n";

    [Fact]
    public void Armor_written_by_BouncyCastle_is_decoded() =>
        Gen.Byte.Array[0, 2000].Sample(data =>
        {
            byte[] message = [0xCB, .. data];
            Assert.Equal(Convert.ToHexString(message), Open(Wrap(message)));
        });

    [Fact]
    public void Binary_data_is_copied_unchanged() => Assert.Equal("CB0102", Open([0xCB, 1, 2]));

    [Fact]
    public void Carriage_returns_trailing_spaces_and_text_before_the_armor_are_ignored() =>
        Assert.Equal(
            "CB0102",
            Open(
                "hello\r\n-----BEGIN PGP MESSAGE----- \r\nComment: x\r\n \r\nywEC\r\n=lOs8\r\n-----END PGP MESSAGE-----\r\n\r\n"u8.ToArray()));

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("hello", "it is neither OpenPGP packets nor their ASCII armor")]
    [InlineData("\n\n\n", "it is neither OpenPGP packets nor their ASCII armor")]
    [InlineData(
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nywEC\n-----END PGP PRIVATE KEY BLOCK-----\n",
        "it is ASCII armor of another kind of OpenPGP data")]
    [InlineData("-----BEGIN PGP MESSAGE-----\nywEC", "its ASCII armor has no content")]
    [InlineData("-----BEGIN PGP MESSAGE-----\n\nywEC\n", "its ASCII armor lacks the last line")]
    [InlineData("-----BEGIN PGP MESSAGE-----\n\nywEC\n-----END PGP PUBLIC KEY BLOCK-----\n", "its ASCII armor lacks the last line")]
    [InlineData("-----BEGIN PGP MESSAGE-----\n\nyw?C\n-----END PGP MESSAGE-----\n", "its ASCII armor is not base64")]
    [InlineData("-----BEGIN PGP MESSAGE-----\n\nywEC\n=AAAA\n-----END PGP MESSAGE-----\n", "its ASCII armor has the wrong checksum")]
    [InlineData("-----BEGIN PGP MESSAGE-----\n\nywEC\n=A?AA\n-----END PGP MESSAGE-----\n", "its ASCII armor has the wrong checksum")]
    [InlineData(
        "-----BEGIN PGP MESSAGE-----\n\nywEC\n=lOs8\nywEC\n-----END PGP MESSAGE-----\n", "its ASCII armor has text after the checksum")]
    public void Errors_in_the_armor_are_reported(string text, string error) =>
        Assert.Equal(error, Open(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Text_after_the_armor_is_ignored() =>
        Assert.Equal("CB0102", Open("-----BEGIN PGP MESSAGE-----\n\nywEC\n-----END PGP MESSAGE-----\nmore\n"u8.ToArray()));

    [Fact]
    public void All_keys_of_a_file_are_read_and_nothing_else()
    {
        const string text = """
            # the keys of c1
            -----BEGIN PGP PUBLIC KEY BLOCK-----

            ywEC
            =lOs8
            -----END PGP PUBLIC KEY BLOCK-----
            and a message
            -----BEGIN PGP MESSAGE-----

            AAAA
            -----END PGP MESSAGE-----
            -----BEGIN PGP PRIVATE KEY BLOCK-----

            ywED
            -----END PGP PRIVATE KEY BLOCK-----
            made today
            """;
        using var opened = Armor.Open(System.Text.Encoding.ASCII.GetBytes(text), ArmorKind.Keys, out _);
        Assert.Equal("CB0102CB0103", Convert.ToHexString(opened!.Span));
    }

    [Fact]
    public void The_checksum_may_be_missing() =>
        Assert.Equal("CB0102", Open("-----BEGIN PGP MESSAGE-----\n\nywEC\n-----END PGP MESSAGE-----"u8.ToArray()));

    [Fact]
    public void A_changed_character_in_armor_never_gives_other_bytes()
    {
        var text = Wrap([0xCB, .. "correct horse battery staple"u8]);
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Char['!', '~']).Sample(
            (position, letter) =>
            {
                var changed = text.ToArray();
                changed[position] = (byte)letter;
                var opened = Open(changed);
                Assert.True(
                    opened.Contains(' ') || opened.StartsWith(Convert.ToHexString([0xCB, .. "correct horse battery staple"u8])), opened);
            },
            iter: 5000);
    }

    [Fact]
    public void Garbage_never_throws() =>
        Gen.Select(Gen.Int[0, 100], Gen.Char['\t', '~'].Array[0, 200]).Sample(
            (keep, text) =>
                Assert.NotNull(
                    Open([.. System.Text.Encoding.ASCII.GetBytes(Packet)[..Math.Min(keep, Packet.Length)], .. text.Select(c => (byte)c)])),
                iter: 10_000);

    /// <summary>Hex of what is inside, or what is wrong.</summary>
    private static string Open(byte[] bytes)
    {
        using var opened = Armor.Open(bytes, ArmorKind.Message, out var error);
        return opened is null ? error : Convert.ToHexString(opened.Span);
    }

    private static byte[] Wrap(byte[] message)
    {
        using var output = new MemoryStream();
        using (var armor = new ArmoredOutputStream(output))
            armor.Write(message);
        return output.ToArray();
    }
}
