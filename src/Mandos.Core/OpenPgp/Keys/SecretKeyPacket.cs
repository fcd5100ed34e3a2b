using Mandos.Core.Keys;
using Mandos.Core.OpenPgp.Packets;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>A secret key or subkey (RFC 9580 section 5.5.3).</summary>
/// <remarks>
/// <code>
/// public part | protection (1): 0 = none | secret numbers of the algorithm | only version 4: sum of their octets (2)
/// </code>
/// </remarks>
internal static class SecretKeyPacket
{
    /// <returns>Null if this key cannot decrypt, with the reason in <paramref name="why"/> unless it only signs.</returns>
    /// <exception cref="KeyFormatException">The packet is damaged.</exception>
    public static DecryptionKey? Read(ReadOnlySpan<byte> body, out string why)
    {
        var fields = new FieldReader(body);
        if (PublicKeyPacket.Read(ref fields) is not { } key)
        {
            why = "its version or algorithm is not supported";
            return null;
        }

        if (fields.Byte() != 0)
        {
            why = "it is protected by a passphrase, which cannot be entered at boot";
            return null;
        }

        var start = fields.Position;
        var secret = DecryptionKey.ReadSecret(key, ref fields, out why);
        var sum = SumOf(fields.Since(start));
        var sumFits = key.Version != 4 || fields.UInt16() == sum;
        if (fields.AtEnd && sumFits)
            return secret;
        secret?.Dispose();
        throw new KeyFormatException($"the secret part of OpenPGP key {key.KeyId:X16} is damaged");
    }

    private static ushort SumOf(ReadOnlySpan<byte> numbers)
    {
        ushort sum = 0;
        foreach (var value in numbers)
            sum += value;
        return sum;
    }
}
