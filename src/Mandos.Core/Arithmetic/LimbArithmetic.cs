using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mandos.Core.Linux;

namespace Mandos.Core.Arithmetic;

/// <summary>
/// Arithmetic with numbers of 64-bit limbs, the least significant first. Running time and memory accesses depend on the number of limbs,
/// not on their values.
/// </summary>
internal static unsafe partial class LimbArithmetic
{
    /// <summary>The number of bits of a limb.</summary>
    public const int LimbBits = 64;

    /// <summary>Loads big-endian octets into limbs, padded with zeros; excess octets are dropped.</summary>
    public static void Load(ReadOnlySpan<byte> bigEndian, ulong* result, int limbs)
    {
        var bytes = new Span<byte>(result, limbs * sizeof(ulong));
        bytes.Clear();
        for (var i = 0; i < bigEndian.Length && i < bytes.Length; i++)
            bytes[i] = bigEndian[^(i + 1)];
    }

    /// <summary>Writes a number big-endian, padded with leading zeros.</summary>
    public static void Save(ulong* number, int limbs, Span<byte> bigEndian)
    {
        var bytes = new ReadOnlySpan<byte>(number, limbs * sizeof(ulong));
        for (var i = 0; i < bigEndian.Length; i++)
            bigEndian[^(i + 1)] = i < bytes.Length ? bytes[i] : (byte)0;
    }

    /// <summary>Whether all limbs are equal, in constant time.</summary>
    public static bool AreEqual(ulong* a, ulong* b, int limbs)
    {
        ulong difference = 0;
        for (var i = 0; i < limbs; i++)
            difference |= a[i] ^ b[i];
        return difference == 0;
    }

    /// <summary>
    /// <paramref name="bigEndian"/> modulo <paramref name="modulus"/>, which may be even: a prefix shorter than the modulus is loaded in
    /// one step, the rest is processed bit by bit, with a subtraction that is always done and used if it fits.
    /// </summary>
    public static void Remainder(ReadOnlySpan<byte> bigEndian, ulong* modulus, int limbs, ulong* result, ulong* scratch)
    {
        var shorter = Math.Clamp((BitLength(modulus, limbs) - 1) / 8, 0, bigEndian.Length);
        Load(bigEndian[..shorter], result, limbs);
        foreach (var value in bigEndian[shorter..])
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                var carry = Double(result, (ulong)(value >> bit) & 1, limbs);
                var borrow = Subtract(result, modulus, scratch, limbs);
                // All ones if the modulus did not fit.
                var keep = 0 - (borrow & (carry ^ 1));
                for (var i = 0; i < limbs; i++)
                    result[i] = (result[i] & keep) | (scratch[i] & ~keep);
            }
        }
    }

    /// <summary>a = 2a + <paramref name="carry"/>; returns the bit above.</summary>
    public static ulong Double(ulong* a, ulong carry, int limbs)
    {
        for (var i = 0; i < limbs; i++)
        {
            var limb = a[i];
            a[i] = (limb << 1) | carry;
            carry = limb >> (LimbBits - 1);
        }

        return carry;
    }

    /// <summary>a * b, of <paramref name="aLimbs"/> + <paramref name="bLimbs"/> limbs.</summary>
    public static void Product(ulong* a, int aLimbs, ulong* b, int bLimbs, ulong* result)
    {
        new Span<ulong>(result, aLimbs).Clear();
        for (var i = 0; i < bLimbs; i++)
            result[i + aLimbs] = AddProduct(a, b[i], result + i, aLimbs);
    }

    /// <summary>a + b into a, of which b may have fewer limbs.</summary>
    public static void AddTo(ulong* a, int aLimbs, ulong* b, int bLimbs)
    {
        ulong carry = 0;
        for (var i = 0; i < aLimbs; i++)
        {
            var addend = (i < bLimbs ? b[i] : 0) + carry;
            carry = Carry(addend, carry);
            a[i] += addend;
            carry += Carry(a[i], addend);
        }
    }

    /// <summary>a - b; returns the borrow from the limb above.</summary>
    public static ulong Subtract(ulong* a, ulong* b, ulong* result, int limbs)
    {
        ulong borrow = 0;
        for (var i = 0; i < limbs; i++)
        {
            var part = a[i] - b[i];
            var under = Carry(a[i], b[i]);
            result[i] = part - borrow;
            borrow = under | Carry(part, borrow);
        }

        return borrow;
    }

    /// <summary>Copies one of the numbers in a table; reads all of them.</summary>
    public static void Select(ulong* table, int count, ulong wanted, ulong* result, int limbs)
    {
        new Span<ulong>(result, limbs).Clear();
        for (var i = 0; i < count; i++)
        {
            // All ones where i is the wanted index: only then i ^ wanted is 0, and 0 - 1 has its highest bit set.
            var mask = 0 - ((((ulong)i ^ wanted) - 1) >> (LimbBits - 1));
            for (var j = 0; j < limbs; j++)
                result[j] |= table[(i * limbs) + j] & mask;
        }
    }

    /// <summary>row += a * factor; returns the carry for the limb above.</summary>
    public static ulong AddProduct(ulong* a, ulong factor, ulong* row, int limbs)
    {
        if (StaticProgram.IsPublished)
            return Native(a, factor, row, limbs);
        ulong carry = 0;
        for (var i = 0; i < limbs; i++)
        {
            var above = Math.BigMul(a[i], factor, out var below);
            below += carry;
            above += Carry(below, carry);
            row[i] += below;
            carry = above + Carry(row[i], below);
        }

        return carry;
    }

    /// <summary>1 if the addition of <paramref name="addend"/> with the result <paramref name="sum"/> overflowed.</summary>
    public static ulong Carry(ulong sum, ulong addend) => sum < addend ? 1UL : 0UL;

    /// <summary>The number of bits of a number without leading zeros.</summary>
    public static int BitLength(ulong* a, int limbs)
    {
        while (limbs > 0 && a[limbs - 1] == 0)
            limbs--;
        return limbs == 0 ? 0 : (limbs * LimbBits) - BitOperations.LeadingZeroCount(a[limbs - 1]);
    }

    // Separate, because the runtime resolves calls without a transition when it compiles the caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Native(ulong* a, ulong factor, ulong* row, int limbs) => AddProductNative(a, factor, row, limbs);

    // Runs for less than a microsecond.
    [LibraryImport("limb_product", EntryPoint = "limb_product_add")]
    [SuppressGCTransition]
    private static partial ulong AddProductNative(ulong* a, ulong factor, ulong* row, int limbs);
}
