using Mandos.Core.Text;

namespace Mandos.Core.Tests.Text;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0, "0 clients")]
    [InlineData(1, "1 client")]
    [InlineData(2, "2 clients")]
    [InlineData(101, "101 clients")]
    public void Only_one_is_singular(long number, string text) => Assert.Equal(text, Quantity.Of(number, "client").ToString());

    [Theory]
    [InlineData(1, "1 entry is kept")]
    [InlineData(2, "2 entries are kept")]
    public void The_words_can_be_a_clause(long number, string text) =>
        Assert.Equal(text, Quantity.Of(number, "entry is kept", "entries are kept").ToString());
}
