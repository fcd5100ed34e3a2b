namespace Mandos.Core.Arithmetic;

/// <summary>
/// Multiplies the generator of an Edwards curve by a secret number: one complete addition formula (Bernstein, Birkner, Joye, Lange and
/// Peters, 2008) for every step, independent of its bit, with all numbers in locked memory.
/// </summary>
internal sealed unsafe class EdwardsPoint : IDisposable
{
    private readonly SecretModulus _field;
    private readonly EdwardsCurve _curve;
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
        _factor = Enter(curve.D);
        // The neutral point, and the generator.
        _x0 = _field.New();
        _y0 = _field.New();
        _z0 = _field.New();
        _field.Copy(_field.One, _y0);
        _field.Copy(_field.One, _z0);
        _x1 = Enter(curve.GeneratorX);
        _y1 = Enter(curve.GeneratorY);
        _z1 = _field.New();
        _field.Copy(_field.One, _z1);
        _a = _field.New();
        _b = _field.New();
        _c = _field.New();
        _d = _field.New();
        _e = _field.New();
        _f = _field.New();
        _g = _field.New();
    }

    /// <summary>Wipes every number.</summary>
    public void Dispose() => _field.Dispose();

    /// <summary>Multiplies the generator.</summary>
    /// <param name="curve">The curve.</param>
    /// <param name="scalar">The secret number, little-endian; its length is not secret.</param>
    /// <returns>The point as RFC 8032 encodes it; it is public.</returns>
    public static byte[] Multiply(EdwardsCurve curve, ReadOnlySpan<byte> scalar)
    {
        using var point = new EdwardsPoint(curve);
        for (var position = (8 * scalar.Length) - 1; position >= 0; position--)
        {
            var bit = (ulong)(scalar[position / 8] >> (position % 8)) & 1;
            point.Swap(bit);
            point.Add(point._x1, point._y1, point._z1);
            point.Add(point._x0, point._y0, point._z0);
            point.Swap(bit);
        }

        return point.Encode();
    }

    private void Swap(ulong bit)
    {
        _field.Swap(bit, _x0, _x1);
        _field.Swap(bit, _y0, _y1);
        _field.Swap(bit, _z0, _z1);
    }

    /// <summary>Adds a point to the first point; both may be the same.</summary>
    private void Add(ulong* x, ulong* y, ulong* z)
    {
        _field.Multiply(_z0, z, _a);
        _field.Multiply(_a, _a, _b);
        _field.Multiply(_x0, x, _c);
        _field.Multiply(_y0, y, _d);
        _field.Multiply(_c, _d, _e);
        _field.Multiply(_factor, _e, _e);
        _field.Subtract(_b, _e, _f);
        _field.Add(_b, _e, _g);
        // x = a f ((x0 + y0)(x + y) - c - d)
        _field.Add(_x0, _y0, _b);
        _field.Add(x, y, _e);
        _field.Multiply(_b, _e, _b);
        _field.Subtract(_b, _c, _b);
        _field.Subtract(_b, _d, _b);
        _field.Multiply(_a, _f, _e);
        _field.Multiply(_e, _b, x);
        // y = a g (d - ac), where this a is the curve's
        if (_curve.IsNegative)
            _field.Add(_d, _c, _d);
        else
            _field.Subtract(_d, _c, _d);
        _field.Multiply(_a, _g, _e);
        _field.Multiply(_e, _d, y);
        _field.Multiply(_f, _g, z);
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

    private ulong* Enter(ReadOnlySpan<byte> number)
    {
        var result = _field.New();
        _field.Reduce(number, result);
        _field.Enter(result, result);
        return result;
    }
}
