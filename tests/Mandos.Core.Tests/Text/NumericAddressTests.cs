using Mandos.Core.Text;

namespace Mandos.Core.Tests.Text;

public sealed class NumericAddressTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("1", null)]
    [InlineData("10.0.1", null)]
    [InlineData("10.0.0.0.1", null)]
    [InlineData("10.0.0.", null)]
    [InlineData("::ffff:10.0.0.1", "::ffff:10.0.0.1")]
    [InlineData("::ffff:10.0.0.01", null)]
    [InlineData("[::1]", null)]
    public void An_IPv4_address_has_four_numbers(string text, string? address) =>
        Assert.Equal(address, NumericAddress.Parse(text)?.ToString());
}
