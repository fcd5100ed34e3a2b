using System.Text;
using CsCheck;
using Mandos.Client.Supervision;

namespace Mandos.Client.Tests.Supervision;

public sealed class MessageRelayTests
{
    [Fact]
    public void Control_sequences_from_the_network_process_do_not_reach_the_terminal()
    {
        var text = Encoding.UTF8.GetBytes("a\tb\n\e[2J\u009b1m\r\0\x7f€");
        MessageRelay.Disarm(text);
        Assert.Equal("a\tb\n?[2J??1m??????", Encoding.ASCII.GetString(text));
    }

    [Fact]
    public void Only_printable_text_remains() => Gen.Byte.Array.Sample(bytes =>
    {
        MessageRelay.Disarm(bytes);
        Assert.All(bytes, one => Assert.True(one is (byte)'\n' or (byte)'\t' or (>= 0x20 and < 0x7F)));
    });
}
