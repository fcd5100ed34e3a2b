using Mandos.Core.Arithmetic;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>
/// RSA (RFC 9580 sections 5.1.3 and 5.5.5.1). The secret numbers d, p, q and u = 1/p mod q are in locked memory, in the same order as in
/// the key packet.
/// </summary>
internal sealed class RsaSecretKey : DecryptionKey
{
    private readonly SecretBuffer _numbers;

    private RsaSecretKey(PublicKeyPacket key, ReadOnlySpan<byte> numbers)
        : base(key) => _numbers = SecretBuffer.CopyOf(numbers);

    public static RsaSecretKey? Read(PublicKeyPacket key, ref FieldReader secret, out string error)
    {
        var start = secret.Position;
        for (var i = 0; i < 4; i++)
            secret.Number();
        error = "";
        if (!secret.Ok)
            return null;
        var rsa = new RsaSecretKey(key, secret.Since(start));
        if (RsaPrivateOperation.IsConsistent(rsa.Numbers()))
            return rsa;
        error = "the numbers of the RSA key do not match";
        rsa.Dispose();
        return null;
    }

    public override SessionKey? Unwrap(in SessionKeyPacket packet)
    {
        var fields = new FieldReader(packet.Fields);
        var cipherText = fields.Number();
        if (!fields.AtEnd)
            return null;
        using var message = RsaPrivateOperation.Run(cipherText, Numbers());
        return message is null ? SessionKey.Random(packet.WithCipher) : Pkcs1Padding.SessionKeyOf(message.Span, packet.WithCipher);
    }

    public override void Dispose() => _numbers.Dispose();

    private RsaPrivateOperation.Numbers Numbers()
    {
        var open = Public.Numbers;
        var secret = new FieldReader(_numbers.Span);
        return new()
        {
            Modulus = open.Number(),
            PublicExponent = open.Number(),
            PrivateExponent = secret.Number(),
            P = secret.Number(),
            Q = secret.Number(),
            U = secret.Number(),
        };
    }
}
