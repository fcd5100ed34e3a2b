using System.Numerics;

namespace Mandos.Core.Arithmetic;

/// <summary>Verifies ECDSA signatures (FIPS 186-5 section 6.4.2). All numbers are public.</summary>
internal sealed class EcdsaCheck(EllipticCurve curve)
{
    private const byte Uncompressed = 4;

    private readonly BigInteger _prime = BigNumber.Of(curve.Prime);
    private readonly BigInteger _a = BigNumber.Of(curve.A);
    private readonly BigInteger _order = BigNumber.Of(curve.Order);

    /// <summary>A point x/z², y/z³; z = 0 for the point at infinity.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z);

    /// <param name="point">The public key: 04, x, y.</param>
    /// <param name="r">The first number of the signature.</param>
    /// <param name="s">The second.</param>
    /// <param name="hash">The hash that was signed.</param>
    public bool Verify(ReadOnlySpan<byte> point, BigInteger r, BigInteger s, ReadOnlySpan<byte> hash)
    {
        if (point.Length != 1 + (2 * curve.Length) || point[0] != Uncompressed || r.IsZero || r >= _order || s.IsZero || s >= _order)
            return false;
        var key = new Point(BigNumber.Of(point[1..(1 + curve.Length)]), BigNumber.Of(point[(1 + curve.Length)..]), BigInteger.One);
        if (!IsOnCurve(key))
            return false;
        var inverse = BigNumber.Inverse(s, _order);
        var sum = MultiplyAndAdd(
            new(BigNumber.Of(curve.GeneratorX), BigNumber.Of(curve.GeneratorY), BigInteger.One), Digest(hash) * inverse % _order,
            key, r * inverse % _order);
        if (sum.Z.IsZero)
            return false;
        var z = BigNumber.Inverse(sum.Z, _prime);
        return sum.X * z % _prime * z % _prime % _order == r;
    }

    /// <summary>Returns the hash, cut to the number of bits of the order.</summary>
    private BigInteger Digest(ReadOnlySpan<byte> hash)
    {
        var tooMany = (hash.Length * 8) - (int)_order.GetBitLength();
        return tooMany > 0 ? BigNumber.Of(hash) >> tooMany : BigNumber.Of(hash);
    }

    private bool IsOnCurve(in Point point) =>
        point.X < _prime && point.Y < _prime
        && Modulo((point.Y * point.Y) - ((((point.X * point.X) + _a) * point.X) + BigNumber.Of(curve.B))).IsZero;

    private Point MultiplyAndAdd(in Point p, BigInteger times, in Point q, BigInteger qTimes)
    {
        var both = Add(p, q);
        var sum = default(Point);
        for (var bit = (int)_order.GetBitLength() - 1; bit >= 0; bit--)
        {
            sum = Double(sum);
            var (first, second) = (!((times >> bit) & 1).IsZero, !((qTimes >> bit) & 1).IsZero);
            if (first || second)
                sum = Add(sum, first && second ? both : first ? p : q);
        }

        return sum;
    }

    private Point Add(in Point p, in Point q)
    {
        if (p.Z.IsZero)
            return q;
        if (q.Z.IsZero)
            return p;
        var (pz, qz) = (Modulo(p.Z * p.Z), Modulo(q.Z * q.Z));
        var (u, v) = (Modulo(p.X * qz), Modulo(p.Y * qz * q.Z));
        var (h, r) = (Modulo((q.X * pz) - u), Modulo((q.Y * pz * p.Z) - v));
        if (h.IsZero)
            return r.IsZero ? Double(p) : default;
        var square = Modulo(h * h);
        var cube = Modulo(square * h);
        var middle = Modulo(u * square);
        var x = Modulo((r * r) - cube - (2 * middle));
        return new(x, Modulo((r * (middle - x)) - (v * cube)), Modulo(h * p.Z * q.Z));
    }

    private Point Double(in Point p)
    {
        if (p.Z.IsZero || p.Y.IsZero)
            return default;
        var y = Modulo(p.Y * p.Y);
        var s = Modulo(4 * p.X * y);
        var z = Modulo(p.Z * p.Z);
        var m = Modulo((3 * p.X * p.X) + (_a * z * z));
        var x = Modulo((m * m) - (2 * s));
        return new(x, Modulo((m * (s - x)) - (8 * y * y)), Modulo(2 * p.Y * p.Z));
    }

    private BigInteger Modulo(BigInteger value)
    {
        var rest = value % _prime;
        return rest.Sign < 0 ? rest + _prime : rest;
    }
}
