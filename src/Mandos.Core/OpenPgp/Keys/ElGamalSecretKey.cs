using Mandos.Core.Arithmetic;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>ElGamal (RFC 9580 sections 5.1.4 and 5.5.5.3); the first releases of upstream created such keys.</summary>
internal sealed unsafe class ElGamalSecretKey : DecryptionKey
{
    private readonly SecretBuffer _exponent;

    private ElGamalSecretKey(PublicKeyPacket key, ReadOnlySpan<byte> exponent)
        : base(key) => _exponent = SecretBuffer.CopyOf(exponent);

    public static ElGamalSecretKey? Read(PublicKeyPacket key, ref FieldReader secret, out string error)
    {
        error = "";
        var exponent = secret.Number();
        if (!secret.Ok)
            return null;
        var prime = key.Numbers.Number();
        if (prime.Length > 1 && (prime[^1] & 1) == 1 && prime[0] != 0 && !exponent.IsEmpty && IsBelow(exponent, prime))
            return new(key, exponent);
        error = "the numbers of the ElGamal key do not match";
        return null;
    }

    public override SessionKey? Unwrap(in SessionKeyPacket packet)
    {
        var fields = new FieldReader(packet.Fields);
        var shared = fields.Number();
        var masked = fields.Number();
        var prime = Public.Numbers.Number();
        if (!fields.AtEnd || shared.TrimStart((byte)0).IsEmpty || !IsBelow(shared, prime) || !IsBelow(masked, prime))
            return null;
        using var field = new SecretModulus(prime, 3);
        var number = field.New();
        var exponent = field.New();
        var factor = field.New();
        // shared^(p-1-x) = 1/shared^x.
        LimbArithmetic.Load(_exponent.Span, factor, field.Limbs);
        factor[0] += 1;
        LimbArithmetic.Subtract(field.Modulus, factor, exponent, field.Limbs);
        field.Reduce(shared, number);
        field.Enter(number, number);
        field.Power(number, exponent, field.Limbs, number);
        field.Reduce(masked, factor);
        field.Multiply(number, factor, number);
        using var message = new SecretBuffer(prime.Length);
        message.SetLength(prime.Length);
        LimbArithmetic.Save(number, field.Limbs, message.Span);
        return Pkcs1Padding.SessionKeyOf(message.Span, packet.WithCipher);
    }

    public override void Dispose() => _exponent.Dispose();

    private static bool IsBelow(ReadOnlySpan<byte> number, ReadOnlySpan<byte> limit)
    {
        number = number.TrimStart((byte)0);
        return number.Length < limit.Length || (number.Length == limit.Length && number.SequenceCompareTo(limit) < 0);
    }
}
