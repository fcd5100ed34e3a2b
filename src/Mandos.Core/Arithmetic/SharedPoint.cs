using Mandos.Core.Secrets;

namespace Mandos.Core.Arithmetic;

/// <summary>
/// The x coordinate of a point multiplied by a secret number: Montgomery's ladder with x coordinates only (Brier and Joye, 2002), each step
/// independent of its bit, with all numbers in locked memory.
/// </summary>
internal sealed unsafe class SharedPoint : IDisposable
{
    private const byte Uncompressed = 4;

    private readonly SecretModulus _field;
    private readonly int _length;
    private readonly ulong* _a;
    private readonly ulong* _b4;
    private readonly ulong* _x;
    private readonly ulong* _x0;
    private readonly ulong* _z0;
    private readonly ulong* _x1;
    private readonly ulong* _z1;
    private readonly ulong* _s;
    private readonly ulong* _t;
    private readonly ulong* _u;
    private readonly ulong* _v;

    private SharedPoint(EllipticCurve curve)
    {
        _length = curve.Length;
        _field = new SecretModulus(curve.Prime, 11);
        _a = Enter(curve.A);
        _b4 = Enter(curve.B);
        _x = _field.New();
        _x0 = _field.New();
        _z0 = _field.New();
        _x1 = _field.New();
        _z1 = _field.New();
        _s = _field.New();
        _t = _field.New();
        _u = _field.New();
        _v = _field.New();
    }

    /// <summary>Wipes every number.</summary>
    public void Dispose() => _field.Dispose();

    /// <summary>Returns the x coordinate of <paramref name="scalar"/> times the peer's point.</summary>
    /// <param name="curve">The curve.</param>
    /// <param name="scalar">The secret number, with as many octets as the order of the curve.</param>
    /// <param name="point">04, x, y.</param>
    /// <returns>Null if the point is not on the curve or the result is the point at infinity.</returns>
    public static SecretBuffer? Of(EllipticCurve curve, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point)
    {
        if (point.Length != 1 + (2 * curve.Length) || point[0] != Uncompressed)
            return null;
        using var shared = new SharedPoint(curve);
        return shared.TakePoint(point[1..]) ? shared.Climb(scalar) : null;
    }

    /// <summary>Loads a point; rejects one that is not on the curve, because its multiples would reveal the scalar.</summary>
    private bool TakePoint(ReadOnlySpan<byte> coordinates)
    {
        _field.Reduce(coordinates[.._length], _s);
        _field.Enter(_s, _x);
        _field.Reduce(coordinates[_length..], _s);
        _field.Enter(_s, _s);
        _field.Multiply(_s, _s, _s);
        // (x² + a)x + b
        _field.Multiply(_x, _x, _t);
        _field.Add(_t, _a, _t);
        _field.Multiply(_t, _x, _t);
        _field.Add(_t, _b4, _t);
        // From here on the curve's b is needed four times.
        _field.Add(_b4, _b4, _b4);
        _field.Add(_b4, _b4, _b4);
        return LimbArithmetic.AreEqual(_s, _t, _field.Limbs);
    }

    private SecretBuffer? Climb(ReadOnlySpan<byte> scalar)
    {
        // (1 : 0) is the point at infinity.
        _field.Copy(_field.One, _x0);
        new Span<ulong>(_z0, _field.Limbs).Clear();
        _field.Copy(_x, _x1);
        _field.Copy(_field.One, _z1);
        foreach (var octet in scalar)
        {
            for (var position = 7; position >= 0; position--)
            {
                var bit = (ulong)(octet >> position) & 1;
                SwapPoints(bit);
                Add();
                Double();
                SwapPoints(bit);
            }
        }

        return Affine();
    }

    private void SwapPoints(ulong bit)
    {
        _field.Swap(bit, _x0, _x1);
        _field.Swap(bit, _z0, _z1);
    }

    /// <summary>Replaces the second point by the sum of both, whose difference is the peer's point.</summary>
    private void Add()
    {
        _field.Multiply(_x0, _z1, _s);
        _field.Multiply(_x1, _z0, _t);
        _field.Multiply(_z0, _z1, _u);
        _field.Multiply(_x0, _x1, _v);
        // x = (x0 x1 - a z0 z1)² - 4b z0 z1 (x0 z1 + x1 z0)
        _field.Multiply(_a, _u, _z1);
        _field.Subtract(_v, _z1, _v);
        _field.Multiply(_v, _v, _v);
        _field.Multiply(_b4, _u, _u);
        _field.Add(_s, _t, _z1);
        _field.Multiply(_u, _z1, _u);
        _field.Subtract(_v, _u, _x1);
        // z = x (x0 z1 - x1 z0)²
        _field.Subtract(_s, _t, _s);
        _field.Multiply(_s, _s, _s);
        _field.Multiply(_x, _s, _z1);
    }

    /// <summary>Doubles the first point.</summary>
    private void Double()
    {
        _field.Multiply(_x0, _x0, _s);
        _field.Multiply(_z0, _z0, _t);
        _field.Multiply(_a, _t, _u);
        _field.Multiply(_x0, _z0, _v);
        // x = (x² - a z²)² - 8b x z z²
        _field.Subtract(_s, _u, _x0);
        _field.Multiply(_x0, _x0, _x0);
        _field.Multiply(_b4, _t, _z0);
        _field.Add(_s, _u, _s);
        _field.Multiply(_z0, _v, _u);
        _field.Add(_u, _u, _u);
        _field.Subtract(_x0, _u, _x0);
        // z = 4 x z (x² + a z²) + 4b z² z²
        _field.Multiply(_s, _v, _s);
        _field.Add(_s, _s, _s);
        _field.Add(_s, _s, _s);
        _field.Multiply(_z0, _t, _z0);
        _field.Add(_s, _z0, _z0);
    }

    private SecretBuffer? Affine()
    {
        new Span<ulong>(_u, _field.Limbs).Clear();
        if (LimbArithmetic.AreEqual(_z0, _u, _field.Limbs))
            return null;
        _field.Invert(_z0, _v);
        _field.Multiply(_x0, _z0, _x0);
        _field.Leave(_x0, _x0);
        var shared = new SecretBuffer(_length);
        shared.SetLength(_length);
        LimbArithmetic.Save(_x0, _field.Limbs, shared.Span);
        return shared;
    }

    private ulong* Enter(ReadOnlySpan<byte> number)
    {
        var result = _field.New();
        _field.Reduce(number, result);
        _field.Enter(result, result);
        return result;
    }
}
