namespace Mandos.Core.Arithmetic;

/// <summary>The numbers that define a curve, big-endian and each of the same length.</summary>
internal abstract class CurveNumbers
{
    private readonly byte[] _numbers;

    /// <param name="count">How many there are.</param>
    /// <param name="hex">Their hex digits; the first is the prime of the field.</param>
    private protected CurveNumbers(int count, string hex)
    {
        _numbers = Convert.FromHexString(hex);
        NumberLength = _numbers.Length / count;
    }

    /// <summary>The prime of the field.</summary>
    public ReadOnlySpan<byte> Prime => Number(0);

    /// <summary>The number of octets of each.</summary>
    private protected int NumberLength { get; }

    private protected ReadOnlySpan<byte> Number(int index) => _numbers.AsSpan(index * NumberLength, NumberLength);
}
