using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mandos.Core.Linux;

namespace Mandos.Core.Arithmetic;

/// <summary>
/// Arithmetic with numbers of 64-bit limbs, the least significant first. Time and memory that is touched depend on the number of
/// limbs, not on their values.
/// </summary>
internal static unsafe partial class LimbArithmetic
{
    /// <summary>Bits of a limb.</summary>
    public const int LimbBits = 64;

    /// <summary>Big-endian octets as limbs, with zeros above them; what does not fit is left out.</summary>
    public static void Load(ReadOnlySpan<byte> bigEndian, ulong* result, int limbs)
    {
        var bytes = new Span<byte>(result, limbs * sizeof(ulong));
        bytes.Clear();
        for (var i = 0; i < bigEndian.Length && i < bytes.Length; i++)
            bytes[i] = bigEndian[^(i + 1)];
    }

    /// <summary>A number big-endian, with zeros before it.</summary>
    public static void Save(ulong* number, int limbs, Span<byte> bigEndian)
    {
        var bytes = new ReadOnlySpan<byte>(number, limbs * sizeof(ulong));
        for (var i = 0; i < bigEndian.Length; i++)
            bigEndian[^(i + 1)] = i < bytes.Length ? bytes[i] : (byte)0;
    }

    /// <summary>True if all limbs are the same; takes the same time wherever they differ.</summary>
    public static bool AreEqual(ulong* a, ulong* b, int limbs)
    {
        ulong difference = 0;
        for (var i = 0; i < limbs; i++)
            difference |= a[i] ^ b[i];
        return difference == 0;
    }

    /// <summary>
    /// <paramref name="bigEndian"/> modulo <paramref name="modulus"/>, which may be even: what is shorter than the modulus at
    /// once, the rest bit by bit, each with one subtraction that is done always and used if it fits.
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

    /// <summary>a - b; returns what is borrowed from the limb above.</summary>
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

    /// <summary>row += a * factor; returns what belongs to the limb above.</summary>
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

    /// <summary>1 if the addition of <paramref name="addend"/> that gave <paramref name="sum"/> went over.</summary>
    public static ulong Carry(ulong sum, ulong addend) => sum < addend ? 1UL : 0UL;

    /// <summary>Bits of a number without the zeros above.</summary>
    public static int BitLength(ulong* a, int limbs)
    {
        while (limbs > 0 && a[limbs - 1] == 0)
            limbs--;
        return limbs == 0 ? 0 : (limbs * LimbBits) - BitOperations.LeadingZeroCount(a[limbs - 1]);
    }

    // By itself: the runtime looks for what is called without a transition as soon as it compiles the caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Native(ulong* a, ulong factor, ulong* row, int limbs) => AddProductNative(a, factor, row, limbs);

    // Runs for less than a microsecond.
    [LibraryImport("limb_product", EntryPoint = "limb_product_add")]
    [SuppressGCTransition]
    private static partial ulong AddProductNative(ulong* a, ulong factor, ulong* row, int limbs);
}
