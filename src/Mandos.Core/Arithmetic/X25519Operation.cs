using Mandos.Core.Secrets;

namespace Mandos.Core.Arithmetic;

/// <summary>
/// X25519 (RFC 7748 section 5): the u coordinate of a point of Curve25519 times a secret number; each step is independent of its bit, and
/// all numbers are in locked memory.
/// </summary>
/// <remarks>BouncyCastle's X25519 copies the secret number to the managed heap and leaves it there.</remarks>
internal sealed unsafe class X25519Operation : IDisposable
{
    /// <summary>The number of octets of the secret number, of a point and of the result, each little-endian.</summary>
    public const int Length = 32;

    private const ulong A24 = 121665;

    private readonly SecretModulus _field;
    private readonly ulong* _a24;
    private readonly ulong* _x1;
    private readonly ulong* _x2;
    private readonly ulong* _z2;
    private readonly ulong* _x3;
    private readonly ulong* _z3;
    private readonly ulong* _a;
    private readonly ulong* _b;
    private readonly ulong* _c;
    private readonly ulong* _d;

    private X25519Operation()
    {
        _field = new SecretModulus(Prime, 10);
        _a24 = _field.New();
        _x1 = _field.New();
        _x2 = _field.New();
        _z2 = _field.New();
        _x3 = _field.New();
        _z3 = _field.New();
        _a = _field.New();
        _b = _field.New();
        _c = _field.New();
        _d = _field.New();
        _a24[0] = A24;
        _field.Enter(_a24, _a24);
    }

    /// <summary>2^255 - 19.</summary>
    private static ReadOnlySpan<byte> Prime =>
    [
        0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xED,
    ];

    /// <summary>Wipes every number.</summary>
    public void Dispose() => _field.Dispose();

    /// <summary>Returns the shared secret.</summary>
    /// <param name="scalar">The secret number.</param>
    /// <param name="point">The peer's point.</param>
    /// <returns>Null if it is 0, because the point has a small order.</returns>
    public static SecretBuffer? Agree(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point)
    {
        using var operation = new X25519Operation();
        Span<byte> u = stackalloc byte[Length];
        point.CopyTo(u);
        u[^1] &= 0x7F;
        u.Reverse();
        var shared = operation.Multiply(scalar, u);
        if (shared.Span.ContainsAnyExcept((byte)0))
            return shared;
        shared.Dispose();
        return null;
    }

    private SecretBuffer Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> u)
    {
        _field.Reduce(u, _x1);
        _field.Enter(_x1, _x1);
        _field.Copy(_field.One, _x2);
        _field.Copy(_x1, _x3);
        _field.Copy(_field.One, _z3);
        for (var position = (8 * Length) - 2; position >= 0; position--)
        {
            var bit = BitOf(scalar, position);
            SwapPoints(bit);
            Step();
            SwapPoints(bit);
        }

        _field.Invert(_z2, _a);
        _field.Multiply(_x2, _z2, _x2);
        _field.Leave(_x2, _x2);
        var result = new SecretBuffer(Length);
        result.SetLength(Length);
        LimbArithmetic.Save(_x2, _field.Limbs, result.Span);
        result.Span.Reverse();
        return result;
    }

    /// <summary>Returns a bit of the secret number, of which the lowest three count as 0 and the highest as 1.</summary>
    private static ulong BitOf(ReadOnlySpan<byte> scalar, int position) => position switch
    {
        < 3 => 0,
        (8 * Length) - 2 => 1,
        _ => (ulong)(scalar[position / 8] >> (position % 8)) & 1,
    };

    private void SwapPoints(ulong bit)
    {
        _field.Swap(bit, _x2, _x3);
        _field.Swap(bit, _z2, _z3);
    }

    /// <summary>Replaces the second point by the sum of both, and doubles the first.</summary>
    private void Step()
    {
        _field.Add(_x2, _z2, _a);
        _field.Subtract(_x2, _z2, _b);
        _field.Add(_x3, _z3, _c);
        _field.Subtract(_x3, _z3, _d);
        _field.Multiply(_d, _a, _d);
        _field.Multiply(_c, _b, _c);
        _field.Add(_d, _c, _x3);
        _field.Multiply(_x3, _x3, _x3);
        _field.Subtract(_d, _c, _z3);
        _field.Multiply(_z3, _z3, _z3);
        _field.Multiply(_x1, _z3, _z3);
        _field.Multiply(_a, _a, _a);
        _field.Multiply(_b, _b, _b);
        _field.Multiply(_a, _b, _x2);
        _field.Subtract(_a, _b, _b);
        _field.Multiply(_a24, _b, _z2);
        _field.Add(_a, _z2, _z2);
        _field.Multiply(_b, _z2, _z2);
    }
}
