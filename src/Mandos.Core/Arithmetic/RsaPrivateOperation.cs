using Mandos.Core.Secrets;

namespace Mandos.Core.Arithmetic;

/// <summary>
/// c^d mod n by the Chinese remainder theorem, with all secret numbers in locked memory. The operation is blinded, because the sender
/// chooses c and could derive the key from the running time, and its result is checked with the public exponent, because a single wrong bit
/// in one half would reveal the key.
/// </summary>
internal static unsafe class RsaPrivateOperation
{
    /// <summary>A key: n, e, d, the primes p and q, and u = 1/p mod q, each big-endian.</summary>
    internal readonly ref struct Numbers
    {
        public ReadOnlySpan<byte> Modulus { get; init; }

        public ReadOnlySpan<byte> PublicExponent { get; init; }

        public ReadOnlySpan<byte> PrivateExponent { get; init; }

        public ReadOnlySpan<byte> P { get; init; }

        public ReadOnlySpan<byte> Q { get; init; }

        public ReadOnlySpan<byte> U { get; init; }
    }

    /// <summary>Checks everything that needs no private operation.</summary>
    public static bool IsConsistent(in Numbers key)
    {
        if (!IsOddAboveOne(key.Modulus) || !IsOddAboveOne(key.P) || !IsOddAboveOne(key.Q) || !IsOddAboveOne(key.PublicExponent))
            return false;
        using var p = new SecretModulus(key.P, 0);
        using var q = new SecretModulus(key.Q, 3);
        var limbs = p.Limbs + q.Limbs;
        using var memory = NewLimbs(2 * limbs, out var product);
        if (key.Modulus.Length > limbs * sizeof(ulong))
            return false;
        LimbArithmetic.Product(p.Modulus, p.Limbs, q.Modulus, q.Limbs, product);
        LimbArithmetic.Load(key.Modulus, product + limbs, limbs);
        var a = q.New();
        var b = q.New();
        var one = q.New();
        q.Reduce(key.U, a);
        q.Reduce(key.P, b);
        q.Enter(a, a);
        q.Multiply(a, b, a);
        one[0] = 1;
        return LimbArithmetic.AreEqual(product, product + limbs, limbs) && LimbArithmetic.AreEqual(a, one, q.Limbs);
    }

    /// <summary>Whether the private exponent reverses the public one.</summary>
    public static bool ExponentsMatch(in Numbers key)
    {
        var exponentLimbs = (key.PublicExponent.Length / sizeof(ulong)) + 1;
        var privateLimbs = (key.PrivateExponent.Length / sizeof(ulong)) + 1;
        using var factors = NewLimbs(exponentLimbs + privateLimbs, out var exponent);
        using var product = NewLimbs(exponentLimbs + privateLimbs, out var result);
        LimbArithmetic.Load(key.PublicExponent, exponent, exponentLimbs);
        LimbArithmetic.Load(key.PrivateExponent, exponent + exponentLimbs, privateLimbs);
        LimbArithmetic.Product(exponent + exponentLimbs, privateLimbs, exponent, exponentLimbs, result);
        product.Span.Reverse();
        return IsOneModuloOneLess(product.Span, key.P) && IsOneModuloOneLess(product.Span, key.Q);
    }

    private static bool IsOneModuloOneLess(ReadOnlySpan<byte> number, ReadOnlySpan<byte> prime)
    {
        using var modulus = new SecretModulus(prime, 3);
        var oneLess = modulus.New();
        var rest = modulus.New();
        var scratch = modulus.New();
        modulus.Copy(modulus.Modulus, oneLess);
        oneLess[0] &= ~1UL;
        LimbArithmetic.Remainder(number, oneLess, modulus.Limbs, rest, scratch);
        rest[0] ^= 1;
        new Span<ulong>(scratch, modulus.Limbs).Clear();
        return LimbArithmetic.AreEqual(rest, scratch, modulus.Limbs);
    }

    /// <returns>A number as long as the modulus; null if <paramref name="cipherText"/> is not below the modulus or the check
    /// fails.</returns>
    public static SecretBuffer? Run(ReadOnlySpan<byte> cipherText, in Numbers key)
    {
        using var n = new SecretModulus(key.Modulus, 4);
        using var exponentMemory = NewLimbs((key.PublicExponent.Length / sizeof(ulong)) + 1, out var exponent);
        var exponentLimbs = exponentMemory.Length / sizeof(ulong);
        LimbArithmetic.Load(key.PublicExponent, exponent, exponentLimbs);
        var c = n.New();
        var number = n.New();
        var factor = n.New();
        n.Reduce(cipherText, c);
        LimbArithmetic.Load(cipherText, number, n.Limbs);
        if (cipherText.TrimStart((byte)0).Length > key.Modulus.TrimStart((byte)0).Length || !LimbArithmetic.AreEqual(c, number, n.Limbs))
            return null;

        var message = new SecretBuffer(n.Limbs * sizeof(ulong));
        message.SetLength(n.Limbs * sizeof(ulong));
        // c times the e-th power of a random number, whose inverse removes it after the private operation.
        var modulus = BigNumber.Of(key.Modulus);
        var blind = BigNumber.RandomBelow(modulus);
        BigNumber.Write(blind, message.Span);
        n.Reduce(message.Span, factor);
        n.Enter(factor, factor);
        n.Power(factor, exponent, exponentLimbs, factor);
        n.Multiply(factor, c, number);
        LimbArithmetic.Save(number, n.Limbs, message.Span);

        using (var joined = Decrypt(message.Span, key))
            n.Reduce(joined.Span, number);
        BigNumber.Write(BigNumber.Inverse(blind, modulus), message.Span);
        n.Reduce(message.Span, factor);
        n.Enter(factor, factor);
        n.Multiply(number, factor, number);

        LimbArithmetic.Save(number, n.Limbs, message.Span);
        n.Enter(number, number);
        n.Power(number, exponent, exponentLimbs, number);
        n.Leave(number, number);
        if (!LimbArithmetic.AreEqual(number, c, n.Limbs))
        {
            message.Dispose();
            return null;
        }

        message.Span[^key.Modulus.Length..].CopyTo(message.Span);
        message.SetLength(key.Modulus.Length);
        return message;
    }

    /// <summary>Starts a thread; null if the system refuses one.</summary>
    private static Thread? TryStart(ThreadStart run)
    {
        var thread = new Thread(run);
        try
        {
            thread.Start();
            return thread;
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Both halves, joined: mp + p * (u * (mq - mp) mod q).</summary>
    private static SecretBuffer Decrypt(ReadOnlySpan<byte> value, in Numbers key)
    {
        using var first = new RsaHalf(value, key.PrivateExponent, key.P);
        using var second = new RsaHalf(value, key.PrivateExponent, key.Q);
        // Half the time if there is a second core; on a thread of its own, because the pool would have to be started for this.
        var other = Environment.ProcessorCount > 1 ? TryStart(first.Run) : null;
        if (other is null)
            first.Run();
        second.Run();
        other?.Join();

        var (p, q) = (first.Prime, second.Prime);
        var limbs = p.Limbs + q.Limbs;
        var joined = NewLimbs(limbs, out var result);
        using var mp = SecretBuffer.CopyOf(new ReadOnlySpan<byte>(first.Result, p.Limbs * sizeof(ulong)));
        mp.Span.Reverse();
        var difference = second.Result;
        var factor = second.Room;
        q.Reduce(mp.Span, factor);
        q.Subtract(difference, factor, difference);
        q.Reduce(key.U, factor);
        q.Enter(factor, factor);
        q.Multiply(difference, factor, difference);
        LimbArithmetic.Product(difference, q.Limbs, p.Modulus, p.Limbs, result);
        LimbArithmetic.AddTo(result, limbs, first.Result, p.Limbs);
        joined.Span.Reverse();
        return joined;
    }

    private static bool IsOddAboveOne(ReadOnlySpan<byte> number) =>
        !number.IsEmpty && (number[^1] & 1) == 1 && number.TrimStart((byte)0) is not [1];

    private static SecretBuffer NewLimbs(int count, out ulong* limbs)
    {
        var memory = new SecretBuffer(count * sizeof(ulong));
        memory.SetLength(count * sizeof(ulong));
        limbs = (ulong*)memory.Pin().Pointer;
        return memory;
    }
}
