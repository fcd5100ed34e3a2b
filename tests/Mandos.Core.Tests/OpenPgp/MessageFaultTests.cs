using System.Text;
using Mandos.Core.OpenPgp.Messages;
using Org.BouncyCastle.Bcpg;
using static Mandos.Core.Tests.OpenPgp.Packets;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class MessageFaultTests
{
    private static readonly byte[] Message = BouncyCastlePeer.Curve25519.Encrypt(
        BouncyCastlePeer.Curve25519.Sign("correct horse"u8.ToArray()));

    [Fact]
    public void A_complete_message_has_no_fault()
    {
        Assert.Null(MessageFault.Of(Message));
        Assert.Null(MessageFault.Of(Armored(Message)));
        Assert.Null(MessageFault.Of(Golden.Bytes("openpgp/rsa-mdc.pgp")));
        Assert.Null(MessageFault.Of(BouncyCastlePeer.Rsa.Encrypt(new byte[3000], partLength: 512)));
    }

    /// <summary>Whatever stands in the file up to some point, as a paste of the first lines does.</summary>
    [Fact]
    public void Every_truncation_is_reported()
    {
        for (var length = 1; length < Message.Length; length++)
            Assert.StartsWith("is truncated: ", MessageFault.Of(Message.AsSpan(0, length)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_missing_bytes_is_reported() =>
        Assert.Equal("is truncated: packet 2 (type 18) lacks at least 5 bytes", MessageFault.Of(Message.AsSpan(0, Message.Length - 5)));

    public static TheoryData<byte[], string> Faults => new()
    {
        { [], "is empty" },
        { "a password"u8.ToArray(), "is not an OpenPGP message" },
        { [0xd2, 9, 2], "is truncated: packet 1 (type 18) lacks at least 8 bytes" },
        { [0x80, 1, 2], "is not an OpenPGP message" },
        { Packet(11, LiteralBody([1, 2, 3])), "is not an encrypted OpenPGP message: packet 1 is of type 11" },
        { BouncyCastlePeer.Curve25519.PublicBytes, "is not an encrypted OpenPGP message: packet 1 is of type 6" },
        { Packet(18, [1, 2, 3]), "has no recipient: no key can decrypt it" },
        { [.. Packet(3, [4]), .. Packet(18, [1, 2, 3])], "has no recipient: no key can decrypt it" },
        { Packet(1, [3]), "is truncated: its encrypted data is missing" },
        { [.. Message, .. Message], "has data after its encrypted data" },
        { [.. Message, 1], "is damaged after packet 2" },
        { Encoding.ASCII.GetBytes("-----BEGIN PGP MESSAGE-----\n\nywEC\n"),
            "is not an OpenPGP message: its ASCII armor lacks the last line" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Other_faults_are_reported(byte[] message, string fault) =>
        Assert.StartsWith(fault, MessageFault.Of(message), StringComparison.Ordinal);

    [Fact]
    public void Armor_instead_of_base64_is_detected()
    {
        Assert.True(MessageFault.IsArmor("\n-----BEGIN PGP MESSAGE-----\n\nabc"));
        Assert.False(MessageFault.IsArmor(Convert.ToBase64String(Message)));
    }

    private static byte[] Armored(byte[] message)
    {
        using var output = new MemoryStream();
        using (var armor = new ArmoredOutputStream(output))
            armor.Write(message);
        return output.ToArray();
    }
}
