using Mandos.Core.Secrets;

namespace Mandos.Core.Arithmetic;

/// <summary>
/// Arithmetic modulo a secret odd number: Montgomery multiplication with a fixed window, so that neither the operations nor the memory
/// accesses depend on the bits. All numbers are in locked memory.
/// </summary>
/// <remarks>
/// System.Numerics takes several times as long, its operations depend on the bits, and it leaves its numbers on the managed heap. Numbers
/// here have <see cref="Limbs"/> limbs of 64 bits, the least significant first, and are created by <see cref="New"/>.
/// </remarks>
internal sealed unsafe class SecretModulus : IDisposable
{
    private const int LimbBits = LimbArithmetic.LimbBits;
    private const int WindowBits = 5;
    private const int TableSize = 1 << WindowBits;

    private readonly SecretBuffer _memory;
    private readonly int _numbers;
    private readonly ulong* _modulus;
    private readonly ulong* _product;
    private readonly ulong* _one;
    private readonly ulong* _square;
    private readonly ulong* _table;
    private readonly ulong _inverse;
    private int _taken;

    /// <param name="modulus">The modulus, odd and above 1, big-endian; its length is not secret.</param>
    /// <param name="numbers">How many numbers <see cref="New"/> must be able to create.</param>
    public SecretModulus(ReadOnlySpan<byte> modulus, int numbers)
    {
        modulus = modulus.TrimStart((byte)0);
        if (modulus.IsEmpty || (modulus[^1] & 1) == 0 || modulus is [1])
            throw new ArgumentException("not odd and above 1", nameof(modulus));
        Limbs = (modulus.Length + sizeof(ulong) - 1) / sizeof(ulong);
        _numbers = numbers;
        // A product has twice the length.
        var size = (5 + TableSize + 1 + numbers) * Limbs * sizeof(ulong);
        _memory = new SecretBuffer(size);
        _memory.SetLength(size);
        _modulus = (ulong*)_memory.Pin().Pointer;
        _product = _modulus + Limbs;
        _one = _product + (2 * Limbs);
        _square = _one + Limbs;
        _table = _square + Limbs;
        LimbArithmetic.Load(modulus, _modulus, Limbs);
        _inverse = NegatedInverse(_modulus[0]);
        PrepareMontgomery();
    }

    /// <summary>The number of limbs of a number.</summary>
    public int Limbs { get; }

    /// <summary>The modulus itself.</summary>
    public ulong* Modulus => _modulus;

    /// <summary>Wipes every number.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>Creates a number with the value 0.</summary>
    public ulong* New()
    {
        if (_taken == _numbers)
            throw new InvalidOperationException("more numbers than were asked for");
        return _table + ((TableSize + 1 + _taken++) * Limbs);
    }

    /// <summary>Reduces a number of any length modulo this one.</summary>
    public void Reduce(ReadOnlySpan<byte> bigEndian, ulong* result) =>
        LimbArithmetic.Remainder(bigEndian, _modulus, Limbs, result, _product);

    /// <summary>Converts to Montgomery's form: a * 2^(64 * limbs).</summary>
    public void Enter(ulong* a, ulong* result) => Multiply(a, _square, result);

    /// <summary>Converts from Montgomery's form.</summary>
    public void Leave(ulong* a, ulong* result)
    {
        var one = _table + (TableSize * Limbs);
        new Span<ulong>(one, Limbs).Clear();
        one[0] = 1;
        Multiply(a, one, result);
    }

    /// <summary>1 in Montgomery's form.</summary>
    public ulong* One => _one;

    /// <summary>a * b / 2^(64 * limbs): the product of two numbers in Montgomery's form. The result may be one of the factors.</summary>
    public void Multiply(ulong* a, ulong* b, ulong* result)
    {
        new Span<ulong>(_product, Limbs).Clear();
        for (var i = 0; i < Limbs; i++)
            _product[i + Limbs] = LimbArithmetic.AddProduct(a, b[i], _product + i, Limbs);
        Reduce(result);
    }

    /// <summary>a + b.</summary>
    public void Add(ulong* a, ulong* b, ulong* result)
    {
        ulong carry = 0;
        for (var i = 0; i < Limbs; i++)
        {
            var sum = a[i] + carry;
            carry = LimbArithmetic.Carry(sum, carry);
            _product[i + Limbs] = sum + b[i];
            carry += LimbArithmetic.Carry(_product[i + Limbs], sum);
        }

        SubtractModulus(_product + Limbs, carry, result);
    }

    /// <summary>a - b.</summary>
    public void Subtract(ulong* a, ulong* b, ulong* result)
    {
        var borrow = LimbArithmetic.Subtract(a, b, result, Limbs);
        // All ones if the result was negative.
        var mask = 0 - borrow;
        ulong carry = 0;
        for (var i = 0; i < Limbs; i++)
        {
            var addend = (_modulus[i] & mask) + carry;
            carry = LimbArithmetic.Carry(addend, carry);
            result[i] += addend;
            carry += LimbArithmetic.Carry(result[i], addend);
        }
    }

    /// <summary>b^e, b and the result in Montgomery's form; the result may be b.</summary>
    /// <param name="number">b.</param>
    /// <param name="exponent">e.</param>
    /// <param name="exponentLimbs">The number of limbs of e.</param>
    /// <param name="result">The power.</param>
    public void Power(ulong* number, ulong* exponent, int exponentLimbs, ulong* result)
    {
        Copy(_one, _table);
        Copy(number, _table + Limbs);
        for (var i = 2; i < TableSize; i++)
            Multiply(_table + ((i - 1) * Limbs), _table + Limbs, _table + (i * Limbs));

        var factor = _table + (TableSize * Limbs);
        Copy(_one, result);
        for (var window = (((exponentLimbs * LimbBits) + WindowBits - 1) / WindowBits) - 1; window >= 0; window--)
        {
            for (var i = 0; i < WindowBits; i++)
                Square(result);
            LimbArithmetic.Select(_table, TableSize, WindowAt(exponent, exponentLimbs, window * WindowBits), factor, Limbs);
            Multiply(result, factor, result);
        }
    }

    /// <summary>1/a of a number in Montgomery's form, if this modulus is prime: a^(n-2) (Fermat); 0 of 0.</summary>
    /// <param name="a">The number, which becomes its inverse.</param>
    /// <param name="scratch">Another number.</param>
    public void Invert(ulong* a, ulong* scratch)
    {
        var two = _table + (TableSize * Limbs);
        new Span<ulong>(two, Limbs).Clear();
        two[0] = 2;
        LimbArithmetic.Subtract(_modulus, two, scratch, Limbs);
        Power(a, scratch, Limbs, a);
    }

    /// <summary>Copies a number.</summary>
    public void Copy(ulong* from, ulong* to) => new ReadOnlySpan<ulong>(from, Limbs).CopyTo(new(to, Limbs));

    /// <summary>Swaps two numbers if <paramref name="bit"/> is 1.</summary>
    public void Swap(ulong bit, ulong* a, ulong* b)
    {
        var mask = 0 - bit;
        for (var i = 0; i < Limbs; i++)
        {
            var difference = (a[i] ^ b[i]) & mask;
            a[i] ^= difference;
            b[i] ^= difference;
        }
    }

    /// <summary>r = 2^(64 * limbs) modulo n, and its square.</summary>
    private void PrepareMontgomery()
    {
        // The highest power of 2 below n, doubled up to r.
        var bits = LimbArithmetic.BitLength(_modulus, Limbs);
        _one[(bits - 1) / LimbBits] = 1UL << ((bits - 1) % LimbBits);
        for (var i = bits - 1; i < Limbs * LimbBits; i++)
            Add(_one, _one, _one);
        // 2^limbs * r, by doubling; its 64th power in Montgomery's form is 2^(64 * limbs) * r.
        Copy(_one, _square);
        for (var i = 0; i < Limbs; i++)
            Add(_square, _square, _square);
        for (var power = 1; power < LimbBits; power *= 2)
            Square(_square);
    }

    /// <summary>
    /// Squares a; a quarter cheaper than a product, because the terms on both sides of the diagonal are computed only once.
    /// </summary>
    private void Square(ulong* a)
    {
        new Span<ulong>(_product, 2 * Limbs).Clear();
        for (var i = 0; i < Limbs - 1; i++)
            _product[i + Limbs] = LimbArithmetic.AddProduct(a + i + 1, a[i], _product + (2 * i) + 1, Limbs - i - 1);
        LimbArithmetic.Double(_product, 0, 2 * Limbs);
        ulong carry = 0;
        for (var i = 0; i < Limbs; i++)
        {
            var row = _product + (2 * i);
            row[0] += carry;
            var upper = LimbArithmetic.Carry(row[0], carry) + LimbArithmetic.AddProduct(a + i, a[i], row, 1);
            row[1] += upper;
            carry = LimbArithmetic.Carry(row[1], upper);
        }

        Reduce(a);
    }

    /// <summary>product / 2^(64 * limbs) mod n.</summary>
    private void Reduce(ulong* result)
    {
        ulong above = 0;
        for (var i = 0; i < Limbs; i++)
        {
            // A multiple of the modulus that makes the lowest limb 0.
            var carry = LimbArithmetic.AddProduct(_modulus, _product[i] * _inverse, _product + i, Limbs);
            var sum = _product[i + Limbs] + carry;
            var over = LimbArithmetic.Carry(sum, carry);
            _product[i + Limbs] = sum + above;
            above = over + LimbArithmetic.Carry(sum + above, above);
        }

        SubtractModulus(_product + Limbs, above, result);
    }

    /// <summary>value mod n for a value below 2n; always subtracts, then selects one of both results.</summary>
    private void SubtractModulus(ulong* value, ulong above, ulong* result)
    {
        // The lower half of the product is no longer needed.
        var borrow = LimbArithmetic.Subtract(value, _modulus, _product, Limbs);
        // All ones if the value was below the modulus.
        var keep = 0 - (borrow & (above ^ 1));
        for (var j = 0; j < Limbs; j++)
            result[j] = (value[j] & keep) | (_product[j] & ~keep);
    }

    private static ulong WindowAt(ulong* limbs, int count, int bit)
    {
        var (limb, offset) = (bit / LimbBits, bit % LimbBits);
        var value = limbs[limb] >> offset;
        if (offset > LimbBits - WindowBits && limb + 1 < count)
            value |= limbs[limb + 1] << (LimbBits - offset);
        return value & (TableSize - 1);
    }

    /// <summary>-1/n mod 2^64 for an odd n (Newton: each step doubles the number of correct bits, initially 3).</summary>
    private static ulong NegatedInverse(ulong n)
    {
        var inverse = n;
        for (var right = 3; right < LimbBits; right *= 2)
            inverse *= 2 - (n * inverse);
        return 0 - inverse;
    }
}
