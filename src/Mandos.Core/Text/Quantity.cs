using System.Globalization;

namespace Mandos.Core.Text;

/// <summary>How many of something, in the words of a message: <c>1 client</c>, <c>2 clients</c>.</summary>
/// <param name="Number">How many.</param>
/// <param name="Words">The words for that number.</param>
public readonly record struct Quantity(long Number, string Words)
{
    /// <summary>Chooses the words.</summary>
    /// <param name="number">How many.</param>
    /// <param name="one">The words for one.</param>
    /// <param name="many">The words for any other number; null for those of one with an <c>s</c>.</param>
    public static Quantity Of(long number, string one, string? many = null) =>
        new(number, number == 1 ? one : many ?? one + "s");

    /// <summary>The number and the words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} {Words}");
}
