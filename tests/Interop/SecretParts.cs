using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Mandos.Interop;

/// <summary>Parts of secrets to search for: long enough not to be there by chance, each by what it is.</summary>
internal static class SecretParts
{
    private const int Length = 24;

    /// <summary>The secret numbers of the OpenPGP keys, in both orders of their octets, and the TLS key.</summary>
    public static Dictionary<string, byte[]> OfKeys(KeySet keys)
    {
        var parts = new Dictionary<string, byte[]>();
        foreach (var key in new PgpSecretKeyRing(PgpUtilities.GetDecoderStream(new MemoryStream(keys.Files["seckey.txt"]))).GetSecretKeys())
        {
            switch (key.ExtractPrivateKeyRaw([]).Key)
            {
                case RsaPrivateCrtKeyParameters rsa:
                    Add("d", rsa.Exponent);
                    Add("p", rsa.P);
                    Add("q", rsa.Q);
                    Add("1/p mod q", rsa.P.ModInverse(rsa.Q));
                    Add("1/q mod p", rsa.Q.ModInverse(rsa.P));
                    break;
                case X25519PrivateKeyParameters curve:
                    Add("the scalar", new BigInteger(1, curve.GetEncoded()));
                    break;
            }

            void Add(string what, BigInteger number)
            {
                var part = number.ToByteArrayUnsigned()[^Length..^4];
                parts[$"{what} of {key.KeyId:X16}"] = part;
                parts[$"{what} of {key.KeyId:X16}, reversed"] = [.. part.Reverse()];
            }
        }

        AddTlsKey(parts, keys.Files["tls-privkey.pem"]);
        return parts;
    }

    /// <summary>Its beginning, its middle and its end.</summary>
    public static Dictionary<string, byte[]> OfBytes(string what, byte[] secret) => new()
    {
        [$"the beginning of {what}"] = secret[..Length],
        [$"the middle of {what}"] = secret[(secret.Length / 2)..][..Length],
        [$"the end of {what}"] = secret[^Length..],
    };

    private static void AddTlsKey(Dictionary<string, byte[]> parts, byte[] pem)
    {
        var body = string.Concat(Encoding.ASCII.GetString(pem).Split('\n').Where(line => !line.StartsWith('-')));
        var der = Convert.FromBase64String(body);
        var secret = PrivateKeyFactory.CreateKey(der) switch
        {
            Ed25519PrivateKeyParameters edwards => AddExpanded(edwards.GetEncoded()),
            ECPrivateKeyParameters curve => curve.D.ToByteArrayUnsigned(),
            RsaPrivateCrtKeyParameters rsa => rsa.Exponent.ToByteArrayUnsigned(),
            var other => throw new NotSupportedException(other.GetType().Name),
        };
        parts["the TLS key"] = secret[^Length..];
        parts["the TLS key, reversed"] = [.. secret[^Length..].Reverse()];
        // The text of whole groups of three octets of the secret.
        var start = (der.AsSpan().IndexOf(secret) + 2) / 3 * 4;
        parts["the text of the TLS key"] = Encoding.ASCII.GetBytes(body[start..(start + Length)]);

        byte[] AddExpanded(byte[] seed)
        {
            // What signatures are made with (RFC 8032, 5.1.5), without the octets of which some bits are set.
            var expanded = SHA512.HashData(seed);
            parts["the number of the TLS key"] = expanded[1..(1 + Length)];
            parts["the number of the TLS key, reversed"] = [.. expanded[1..(1 + Length)].Reverse()];
            parts["the prefix of the TLS key"] = expanded[^Length..];
            parts["the prefix of the TLS key, reversed"] = [.. expanded[^Length..].Reverse()];
            return seed;
        }
    }
}
