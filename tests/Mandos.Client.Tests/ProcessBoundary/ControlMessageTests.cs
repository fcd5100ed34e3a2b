using System.Net;
using CsCheck;
using Mandos.Client.ProcessBoundary;

namespace Mandos.Client.Tests.ProcessBoundary;

public sealed class ControlMessageTests
{
    private static readonly Gen<IPAddress?> AddressGen = Gen.OneOf(
        Gen.Const((IPAddress?)null), Gen.Byte.Array[4].Select(b => (IPAddress?)new IPAddress(b)),
        Gen.Byte.Array[16].Select(b => (IPAddress?)new IPAddress(b)));

    private static readonly Gen<ControlMessage> Message = Gen.Select(
        Gen.Byte[1, 6], Gen.Int, Gen.Int, Gen.String[Gen.Char['a', 'z'], 0, 15], AddressGen, Gen.Bool,
        (kind, request, index, name, address, flag) => new ControlMessage((ControlKind)kind, request, index, name, address, flag));

    [Fact]
    public void Every_message_survives_encoding_and_decoding() => Message.Sample(message =>
    {
        var bytes = new byte[ControlMessage.Size];
        message.Encode(bytes);
        Assert.True(ControlMessage.TryDecode(bytes, out var read));
        Assert.Equal(message, read);
    });

    [Fact]
    public void No_input_makes_the_reader_throw() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        if (ControlMessage.TryDecode(bytes, out _))
            Assert.Equal(ControlMessage.Size, bytes.Length);
    });

    [Fact]
    public void Messages_with_unknown_kinds_families_or_flags_are_rejected()
    {
        var good = new byte[ControlMessage.Size];
        new ControlMessage(ControlKind.AddRoute, 1, 2, Address: IPAddress.Loopback).Encode(good);
        foreach (var (at, value) in new (int, byte)[] { (0, 0), (0, 7), (1, 2), (2, 5), (3, 1) })
        {
            var bad = (byte[])good.Clone();
            bad[at] = value;
            Assert.False(ControlMessage.TryDecode(bad, out _), $"byte {at} = {value}");
        }
    }
}
