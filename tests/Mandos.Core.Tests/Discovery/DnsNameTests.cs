using System.Text;
using CsCheck;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Tests.Discovery;

public sealed class DnsNameTests
{
    internal static readonly Gen<DnsName> AnyName =
        from labels in Gen.Byte.Array[1, 20].Array[0, 8]
        select labels.Aggregate(Root, (name, label) => name.Child(label));

    private static DnsName Root
    {
        get
        {
            var offset = 0;
            Assert.True(DnsName.TryRead([0], ref offset, out var root));
            return root;
        }
    }

    [Fact]
    public void A_name_reads_back_as_it_was_written() =>
        AnyName.Sample(name =>
        {
            var offset = 0;
            Assert.True(DnsName.TryRead(name.Wire, ref offset, out var read));
            Assert.Equal(name, read);
            Assert.Equal(name.Wire.Length, offset);
        });

    [Fact]
    public void Case_of_ascii_letters_does_not_matter()
    {
        Assert.Equal(DnsName.Parse("_Mandos._TCP.local"), DnsName.Parse("_mandos._tcp.LOCAL"));
        Assert.Equal(DnsName.Parse("_Mandos._TCP.local").GetHashCode(), DnsName.Parse("_mandos._tcp.LOCAL").GetHashCode());
        Assert.NotEqual(DnsName.Parse("Ä.local"), DnsName.Parse("ä.local"));
        // '@' and '`' differ in the same bit as 'A' and 'a'.
        Assert.NotEqual(DnsName.Parse("@.local"), DnsName.Parse("`.local"));
    }

    [Fact]
    public void A_label_can_contain_dots_and_spaces()
    {
        var type = DnsName.Parse("_mandos._tcp.local");
        var instance = type.Child("My. Mandos #2"u8);
        Assert.True(instance.IsChildOf(type));
        Assert.Equal("My. Mandos #2", instance.DisplayLabel());
        Assert.Equal("My. Mandos #2._mandos._tcp.local", instance.ToString());
    }

    [Theory]
    [InlineData("_mandos._tcp.local", false)]
    [InlineData("a.b._mandos._tcp.local", false)]
    [InlineData("a._ssh._tcp.local", false)]
    [InlineData("a._MANDOS._tcp.local", true)]
    public void An_instance_name_is_one_label_below_its_type(string name, bool expected) =>
        Assert.Equal(expected, DnsName.Parse(name).IsChildOf(DnsName.Parse("_mandos._tcp.local")));

    [Theory]
    [InlineData("\u001b[2Jevil\n", "\uFFFD[2Jevil\uFFFD")]
    [InlineData("a\u202Eb", "a\uFFFDb")]
    public void A_displayed_label_has_no_control_characters(string label, string shown) =>
        Assert.Equal(shown, DnsName.Parse("local").Child(Encoding.UTF8.GetBytes(label)).DisplayLabel());

    [Fact]
    public void A_label_that_is_not_UTF_8_can_be_displayed() =>
        Assert.Equal("\uFFFDx", DnsName.Parse("local").Child([0xFF, (byte)'x']).DisplayLabel());

    [Fact]
    public void A_label_is_limited_to_63_bytes_and_a_name_to_255()
    {
        var label = new byte[63];
        var name = Root.Child(label).Child(label).Child(label);
        Assert.Equal(255, name.Child(new byte[61]).Wire.Length);
        Assert.Throws<ArgumentException>(() => name.Child(new byte[62]));
        Assert.Throws<ArgumentException>(() => Root.Child(new byte[64]));
        Assert.Throws<ArgumentException>(() => Root.Child([]));

        byte[] tooLong = [.. name.Wire[..^1], 62, .. new byte[62], 0];
        var offset = 0;
        Assert.False(DnsName.TryRead(tooLong, ref offset, out _));
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x00 }, 0)] // to itself
    [InlineData(new byte[] { 1, 97, 0xC0, 0x00 }, 0)] // into itself
    [InlineData(new byte[] { 0xC0, 0x02, 0 }, 0)] // forwards
    [InlineData(new byte[] { 0xC0, 0x02, 0xC0, 0x00 }, 2)] // two that lead to each other
    [InlineData(new byte[] { 0xC0 }, 0)]
    [InlineData(new byte[] { 3, 97, 97 }, 0)]
    [InlineData(new byte[] { 1, 97 }, 0)]
    [InlineData(new byte[] { 0x40, 0 }, 0)] // reserved
    [InlineData(new byte[] { 0x80, 0 }, 0)]
    [InlineData(new byte[] { }, 0)]
    public void A_malformed_name_is_refused(byte[] message, int start)
    {
        var offset = start;
        Assert.False(DnsName.TryRead(message, ref offset, out _));
    }

    [Fact]
    public void A_compression_pointer_leads_to_the_rest_of_the_name()
    {
        byte[] message = [5, .. "local"u8, 0, 2, .. "vm"u8, 0xC0, 0x00, 99];
        var offset = 7;
        Assert.True(DnsName.TryRead(message, ref offset, out var name));
        Assert.Equal(DnsName.Parse("vm.local"), name);
        Assert.Equal(12, offset);
    }
}
