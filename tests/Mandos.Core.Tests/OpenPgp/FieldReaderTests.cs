using Mandos.Core.OpenPgp.Packets;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class FieldReaderTests
{
    [Theory]
    [InlineData(16384, true)]
    [InlineData(16385, false)]
    public void A_number_has_at_most_16384_bits(int bits, bool isRead)
    {
        byte[] number = [(byte)(bits >> 8), (byte)bits, .. Enumerable.Repeat((byte)1, (bits + 7) / 8)];
        var fields = new FieldReader(number);
        Assert.Equal(isRead ? bits / 8 : 0, fields.Number().Length);
        Assert.Equal(isRead, fields.AtEnd);
    }

    [Fact]
    public void An_empty_subpacket_makes_a_signature_invalid()
    {
        byte[] Signature(params byte[] subpackets) => [4, 0, 22, 8, 0, (byte)subpackets.Length, .. subpackets, 0, 0, 1, 2, 0, 0];
        Assert.NotNull(SignaturePacket.Read(Signature(2, 100, 1)));
        Assert.Null(SignaturePacket.Read(Signature([.. new byte[100]])));
    }

    [Fact]
    public void Reading_past_the_end_returns_zeros()
    {
        var fields = new FieldReader([1, 2]);
        Assert.Equal((0x0102, 0, 0UL), (fields.UInt16(), fields.Byte(), fields.UInt64()));
        Assert.False(fields.Ok);
    }
}
