using System.Numerics;

namespace Mandos.Core.Arithmetic;

/// <summary>
/// Multiplies the generator of an Edwards curve by a secret number with a comb of four teeth (Lim and Lee, 1994): one doubling and one
/// addition for every four bits. The formulas (complete ones: Bernstein, Birkner, Joye, Lange and Peters, 2008), their order and the memory
/// accesses are independent of the number, and all numbers are in locked memory.
/// </summary>
internal sealed unsafe class EdwardsPoint : IDisposable
{
    private const int Teeth = 4;
    private const int TableSize = 1 << Teeth;

    private readonly SecretModulus _field;
    private readonly EdwardsCurve _curve;
    private readonly int _pointLimbs;
    // Distance between two teeth, in bits.
    private readonly int _columns;
    private readonly ulong* _factor;
    private readonly ulong* _x0;
    private readonly ulong* _y0;
    private readonly ulong* _z0;
    private readonly ulong* _x1;
    private readonly ulong* _y1;
    private readonly ulong* _z1;
    private readonly ulong* _a;
    private readonly ulong* _b;
    private readonly ulong* _c;
    private readonly ulong* _d;
    private readonly ulong* _e;
    private readonly ulong* _f;
    private readonly ulong* _g;

    private EdwardsPoint(EdwardsCurve curve)
    {
        _curve = curve;
        _field = new SecretModulus(curve.Prime, 14);
        _pointLimbs = 3 * _field.Limbs;
        _columns = 8 * curve.Length / Teeth;
        _factor = _field.New();
        // The coordinates of a point are adjacent, as in the table.
        _x0 = _field.New();
        _y0 = _field.New();
        _z0 = _field.New();
        _x1 = _field.New();
        _y1 = _field.New();
        _z1 = _field.New();
        _a = _field.New();
        _b = _field.New();
        _c = _field.New();
        _d = _field.New();
        _e = _field.New();
        _f = _field.New();
        _g = _field.New();
        Enter(curve.D, _factor);
    }

    /// <summary>Wipes every number.</summary>
    public void Dispose() => _field.Dispose();

    /// <summary>Multiplies the generator.</summary>
    /// <param name="curve">The curve.</param>
    /// <param name="scalar">The secret number, little-endian, with as many octets as an encoded point.</param>
    /// <returns>The point as RFC 8032 encodes it; it is public.</returns>
    public static byte[] Multiply(EdwardsCurve curve, ReadOnlySpan<byte> scalar)
    {
        using var point = new EdwardsPoint(curve);
        fixed (ulong* table = curve.Comb ??= point.MakeComb())
            point.MultiplyGenerator(scalar, table);
        return point.Encode();
    }

    /// <summary>Leaves the product in the first point.</summary>
    private void MultiplyGenerator(ReadOnlySpan<byte> scalar, ulong* table)
    {
        SetNeutral();
        for (var column = _columns - 1; column >= 0; column--)
        {
            var index = 0UL;
            for (var tooth = 0; tooth < Teeth; tooth++)
            {
                var position = column + (tooth * _columns);
                index |= ((ulong)(scalar[position / 8] >> (position % 8)) & 1) << tooth;
            }

            Double();
            LimbArithmetic.Select(table, TableSize, index, _x1, _pointLimbs);
            Add();
        }
    }

    /// <summary>The sums of the generator's multiples 2^(columns * tooth), by the bits of their index; nothing in them is secret.</summary>
    private ulong[] MakeComb()
    {
        var table = new ulong[TableSize * _pointLimbs];
        SetNeutral();
        FirstPoint.CopyTo(Entry(table, 0));
        Enter(_curve.GeneratorX, _x0);
        Enter(_curve.GeneratorY, _y0);
        for (var tooth = 0; tooth < Teeth; tooth++)
        {
            FirstPoint.CopyTo(Entry(table, 1 << tooth));
            for (var i = 0; i < _columns; i++)
                Double();
        }

        for (var index = 1; index < TableSize; index++)
        {
            var highest = 1 << BitOperations.Log2((uint)index);
            Entry(table, highest).CopyTo(FirstPoint);
            Entry(table, index - highest).CopyTo(new(_x1, _pointLimbs));
            Add();
            FirstPoint.CopyTo(Entry(table, index));
        }

        return table;
    }

    private Span<ulong> FirstPoint => new(_x0, _pointLimbs);

    private Span<ulong> Entry(ulong[] table, int index) => table.AsSpan(index * _pointLimbs, _pointLimbs);

    private void SetNeutral()
    {
        new Span<ulong>(_x0, _field.Limbs).Clear();
        _field.Copy(_field.One, _y0);
        _field.Copy(_field.One, _z0);
    }

    /// <summary>Doubles the first point.</summary>
    private void Double()
    {
        _field.Multiply(_x0, _x0, _a);
        _field.Multiply(_y0, _y0, _b);
        _field.Add(_a, _b, _c);
        _field.Subtract(_b, _a, _d);
        // ax² + y² and y² - ax², where this a is the curve's
        var sum = _curve.IsNegative ? _d : _c;
        var difference = _curve.IsNegative ? _c : _d;
        _field.Multiply(_z0, _z0, _e);
        _field.Add(_e, _e, _e);
        _field.Subtract(_e, sum, _e);
        // x = ((x + y)² - x² - y²) (2z² - ax² - y²)
        _field.Add(_x0, _y0, _x0);
        _field.Multiply(_x0, _x0, _x0);
        _field.Subtract(_x0, _c, _x0);
        _field.Multiply(_x0, _e, _x0);
        // y = (ax² + y²) (y² - ax²)
        _field.Multiply(sum, difference, _y0);
        // z = (ax² + y²) (2z² - ax² - y²)
        _field.Multiply(sum, _e, _z0);
    }

    /// <summary>Adds the second point to the first; both may be the same.</summary>
    private void Add()
    {
        _field.Multiply(_z0, _z1, _a);
        _field.Multiply(_a, _a, _b);
        _field.Multiply(_x0, _x1, _c);
        _field.Multiply(_y0, _y1, _d);
        _field.Multiply(_c, _d, _e);
        _field.Multiply(_factor, _e, _e);
        _field.Subtract(_b, _e, _f);
        _field.Add(_b, _e, _g);
        // x = a f ((x0 + y0)(x1 + y1) - c - d)
        _field.Add(_x0, _y0, _b);
        _field.Add(_x1, _y1, _e);
        _field.Multiply(_b, _e, _b);
        _field.Subtract(_b, _c, _b);
        _field.Subtract(_b, _d, _b);
        _field.Multiply(_a, _f, _e);
        _field.Multiply(_e, _b, _x0);
        // y = a g (d - ac), where this a is the curve's
        if (_curve.IsNegative)
            _field.Add(_d, _c, _d);
        else
            _field.Subtract(_d, _c, _d);
        _field.Multiply(_a, _g, _e);
        _field.Multiply(_e, _d, _y0);
        _field.Multiply(_f, _g, _z0);
    }

    /// <summary>y little-endian, and the lowest bit of x as its highest.</summary>
    private byte[] Encode()
    {
        _field.Invert(_z0, _a);
        _field.Multiply(_x0, _z0, _x0);
        _field.Leave(_x0, _x0);
        _field.Multiply(_y0, _z0, _y0);
        _field.Leave(_y0, _y0);
        var encoded = new byte[_curve.Length];
        LimbArithmetic.Save(_y0, _field.Limbs, encoded);
        Array.Reverse(encoded);
        encoded[^1] |= (byte)((_x0[0] & 1) << 7);
        return encoded;
    }

    private void Enter(ReadOnlySpan<byte> number, ulong* result)
    {
        _field.Reduce(number, result);
        _field.Enter(result, result);
    }
}
