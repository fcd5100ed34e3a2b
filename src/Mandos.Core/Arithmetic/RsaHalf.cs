namespace Mandos.Core.Arithmetic;

/// <summary>value^d modulo one of the two primes.</summary>
internal sealed unsafe class RsaHalf : IDisposable
{
    private readonly ulong* _exponent;

    public RsaHalf(ReadOnlySpan<byte> value, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> prime)
    {
        Prime = new SecretModulus(prime, 3);
        Result = Prime.New();
        Room = Prime.New();
        _exponent = Prime.New();
        // By Fermat's theorem the exponent can be reduced modulo p-1.
        Prime.Copy(Prime.Modulus, Room);
        Room[0] &= ~1UL;
        LimbArithmetic.Remainder(exponent, Room, Prime.Limbs, _exponent, Result);
        Prime.Reduce(value, Result);
    }

    public SecretModulus Prime { get; }

    /// <summary>The value and, after <see cref="Run"/>, its power.</summary>
    public ulong* Result { get; }

    /// <summary>A number for free use.</summary>
    public ulong* Room { get; }

    public void Run()
    {
        Prime.Enter(Result, Result);
        Prime.Power(Result, _exponent, Prime.Limbs, Result);
        Prime.Leave(Result, Result);
    }

    public void Dispose() => Prime.Dispose();
}
