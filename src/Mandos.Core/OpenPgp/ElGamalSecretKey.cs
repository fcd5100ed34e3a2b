using System.Numerics;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp;

/// <summary>ElGamal (RFC 9580 sections 5.1.4 and 5.5.5.3), which the first releases of the original made keys of.</summary>
internal sealed class ElGamalSecretKey : DecryptionKey
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
        var prime = BigNumber.Of(key.Numbers.Number());
        if (!prime.IsEven && prime > 3 && BigNumber.Of(exponent) < prime && !exponent.IsEmpty)
            return new(key, exponent);
        error = "the numbers of the ElGamal key do not belong together";
        return null;
    }

    public override SessionKey? Unwrap(in SessionKeyPacket packet)
    {
        var fields = new FieldReader(packet.Fields);
        var shared = BigNumber.Of(fields.Number());
        var masked = BigNumber.Of(fields.Number());
        var prime = BigNumber.Of(Public.Numbers.Number());
        if (!fields.AtEnd || shared.IsZero || shared >= prime || masked >= prime)
            return null;
        // shared^(p-1-x) = 1/shared^x. A random multiple of the group's order hides the exponent from the sender's clock.
        var order = prime - 1;
        var exponent = order - BigNumber.Of(_exponent.Span) + (BigNumber.RandomBelow(BigInteger.One << 64) * order);
        var message = BigInteger.ModPow(shared, exponent, prime) * masked % prime;
        return Pkcs1Padding.SessionKeyOf(message, prime.GetByteCount(isUnsigned: true), packet.WithCipher);
    }

    public override void Dispose() => _exponent.Dispose();
}
