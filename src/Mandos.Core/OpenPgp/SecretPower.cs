using System.Numerics;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp;

/// <summary>
/// b^e mod n with a secret exponent and a secret odd modulus: Montgomery's multiplication and a fixed window, so that
/// neither what is done nor the memory that is touched depends on the bits; all of it lies in locked memory.
/// </summary>
/// <remarks>
/// System.Numerics takes several times as long, takes another path for each bit, and leaves its numbers on the managed
/// heap. Numbers here are limbs of 64 bits, the least significant first.
/// </remarks>
internal sealed unsafe class SecretPower : IDisposable
{
    private const int LimbBits = 64;
    private const int WindowBits = 5;
    private const int TableSize = 1 << WindowBits;

    private readonly int _limbs;
    private readonly SecretBuffer _memory;
    private readonly ulong* _modulus;
    private readonly ulong* _accumulator;
    private readonly ulong* _factor;
    private readonly ulong* _table;
    private readonly ulong* _product;
    private readonly ulong _inverse;

    private SecretPower(BigInteger modulus)
    {
        _limbs = (int)((modulus.GetBitLength() + LimbBits - 1) / LimbBits);
        // A product has twice the length.
        var size = (3 + TableSize + 2) * _limbs * sizeof(ulong);
        _memory = new SecretBuffer(size);
        _memory.SetLength(size);
        _modulus = (ulong*)_memory.Pin().Pointer;
        _accumulator = _modulus + _limbs;
        _factor = _accumulator + _limbs;
        _table = _factor + _limbs;
        _product = _table + (TableSize * _limbs);
        Store(modulus, _modulus);
        _inverse = NegatedInverse(_modulus[0]);
    }

    /// <summary>b^e mod n.</summary>
    /// <param name="number">b, below the modulus.</param>
    /// <param name="exponent">e, below the modulus.</param>
    /// <param name="modulus">n, odd, above 1; its length is no secret.</param>
    public static BigInteger Of(BigInteger number, BigInteger exponent, BigInteger modulus)
    {
        using var power = new SecretPower(modulus);
        return power.Run(number, exponent, modulus);
    }

    /// <summary>Wipes every number.</summary>
    public void Dispose() => _memory.Dispose();

    private BigInteger Run(BigInteger number, BigInteger exponent, BigInteger modulus)
    {
        // Entry i of the table: b^i * 2^(64 * limbs) mod n.
        var shift = _limbs * LimbBits;
        Store((BigInteger.One << shift) % modulus, _table);
        Store((number << shift) % modulus, _table + _limbs);
        for (var i = 2; i < TableSize; i++)
            Multiply(_table + ((i - 1) * _limbs), _table + _limbs, _table + (i * _limbs));

        using var bits = new SecretBuffer(_limbs * sizeof(ulong));
        bits.SetLength(bits.Capacity);
        var limbs = (ulong*)bits.Pin().Pointer;
        Store(exponent, limbs);
        new ReadOnlySpan<ulong>(_table, _limbs).CopyTo(new(_accumulator, _limbs));
        for (var window = ((shift + WindowBits - 1) / WindowBits) - 1; window >= 0; window--)
        {
            for (var i = 0; i < WindowBits; i++)
                Square();
            Select(WindowAt(limbs, window * WindowBits));
            Multiply(_accumulator, _factor, _accumulator);
        }

        // Times 1: out of Montgomery's form.
        Store(BigInteger.One, _factor);
        Multiply(_accumulator, _factor, _accumulator);
        return new BigInteger(new ReadOnlySpan<byte>(_accumulator, _limbs * sizeof(ulong)), isUnsigned: true);
    }

    /// <summary>a * b / 2^(64 * limbs) mod n; the result may be one of the factors.</summary>
    private void Multiply(ulong* a, ulong* b, ulong* result)
    {
        new Span<ulong>(_product, _limbs).Clear();
        for (var i = 0; i < _limbs; i++)
            _product[i + _limbs] = AddProduct(a, b[i], _product + i, _limbs);
        Reduce(result);
    }

    /// <summary>The accumulator times itself, a quarter cheaper: what stands on both sides of the diagonal is computed once.</summary>
    private void Square()
    {
        var a = _accumulator;
        new Span<ulong>(_product, 2 * _limbs).Clear();
        for (var i = 0; i < _limbs - 1; i++)
            _product[i + _limbs] = AddProduct(a + i + 1, a[i], _product + (2 * i) + 1, _limbs - i - 1);
        ulong above = 0;
        for (var i = 0; i < 2 * _limbs; i++)
        {
            var twice = (_product[i] << 1) | above;
            above = _product[i] >> (LimbBits - 1);
            _product[i] = twice;
        }

        ulong carry = 0;
        for (var i = 0; i < _limbs; i++)
        {
            var row = _product + (2 * i);
            row[0] += carry;
            var upper = Carry(row[0], carry) + AddProduct(a + i, a[i], row, 1);
            row[1] += upper;
            carry = Carry(row[1], upper);
        }

        Reduce(a);
    }

    /// <summary>product / 2^(64 * limbs) mod n.</summary>
    private void Reduce(ulong* result)
    {
        ulong above = 0;
        for (var i = 0; i < _limbs; i++)
        {
            // A multiple of the modulus that makes the lowest limb 0.
            var carry = AddProduct(_modulus, _product[i] * _inverse, _product + i, _limbs);
            var sum = _product[i + _limbs] + carry;
            var over = Carry(sum, carry);
            _product[i + _limbs] = sum + above;
            above = over + Carry(sum + above, above);
        }

        SubtractModulus(_product + _limbs, above, result);
    }

    /// <summary>row += a * factor; returns what belongs to the limb above.</summary>
    /// <remarks>
    /// By halves of limbs: Math.BigMul is a call for each limb in a program that is compiled for size and for every
    /// processor.
    /// </remarks>
    private static ulong AddProduct(ulong* a, ulong factor, ulong* row, int limbs)
    {
        ulong factorLow = (uint)factor, factorHigh = factor >> 32;
        ulong carry = 0;
        for (var j = 0; j < limbs; j++)
        {
            ulong low = (uint)a[j], high = a[j] >> 32;
            var bottom = low * factorLow;
            var middle = (high * factorLow) + (bottom >> 32);
            var other = (low * factorHigh) + (uint)middle;
            var above = (high * factorHigh) + (middle >> 32) + (other >> 32);
            var below = (other << 32) + (uint)bottom + carry;
            above += Carry(below, carry);
            var sum = row[j] + below;
            carry = above + Carry(sum, below);
            row[j] = sum;
        }

        return carry;
    }

    /// <summary>1 if the addition of <paramref name="addend"/> that gave <paramref name="sum"/> went over.</summary>
    private static ulong Carry(ulong sum, ulong addend) => sum < addend ? 1UL : 0UL;

    /// <summary>value mod n of a value below 2n; subtracts always, then takes the one or the other.</summary>
    private void SubtractModulus(ulong* value, ulong above, ulong* result)
    {
        // The lower half of the product is used up.
        var difference = _product;
        ulong borrow = 0;
        for (var j = 0; j < _limbs; j++)
        {
            var part = value[j] - _modulus[j];
            var under = Carry(value[j], _modulus[j]);
            difference[j] = part - borrow;
            borrow = under | Carry(part, borrow);
        }

        // All ones if the value was below the modulus.
        var keep = 0 - (borrow & (above ^ 1));
        for (var j = 0; j < _limbs; j++)
            result[j] = (value[j] & keep) | (difference[j] & ~keep);
    }

    /// <summary>Copies an entry of the table into the factor; reads all of them.</summary>
    private void Select(ulong wanted)
    {
        var factor = new Span<ulong>(_factor, _limbs);
        factor.Clear();
        for (var i = 0; i < TableSize; i++)
        {
            // All ones where i is the wanted one: only then i ^ wanted is 0, and 0 - 1 has its highest bit set.
            var mask = 0 - ((((ulong)i ^ wanted) - 1) >> (LimbBits - 1));
            var entry = _table + (i * _limbs);
            for (var j = 0; j < factor.Length; j++)
                factor[j] |= entry[j] & mask;
        }
    }

    private ulong WindowAt(ulong* limbs, int bit)
    {
        var (limb, offset) = (bit / LimbBits, bit % LimbBits);
        var value = limbs[limb] >> offset;
        if (offset > LimbBits - WindowBits && limb + 1 < _limbs)
            value |= limbs[limb + 1] << (LimbBits - offset);
        return value & (TableSize - 1);
    }

    /// <summary>-1/n mod 2^64 of an odd n (Newton: each step doubles the bits that are right, of which 3 are at the start).</summary>
    private static ulong NegatedInverse(ulong n)
    {
        var inverse = n;
        for (var right = 3; right < LimbBits; right *= 2)
            inverse *= 2 - (n * inverse);
        return 0 - inverse;
    }

    private void Store(BigInteger value, ulong* limbs)
    {
        var bytes = new Span<byte>(limbs, _limbs * sizeof(ulong));
        bytes.Clear();
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
    }
}
