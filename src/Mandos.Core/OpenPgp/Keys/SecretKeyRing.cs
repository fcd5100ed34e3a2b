using Mandos.Core.Keys;
using Mandos.Core.OpenPgp.Packets;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>
/// The secret keys of this machine for decrypting messages: a transferable secret key (RFC 9580 section 10.2) as <c>gpg
/// --export-secret-keys</c> writes it, binary or in ASCII armor, without a passphrase. Their secret numbers are in locked memory.
/// </summary>
public sealed class SecretKeyRing : IDisposable
{
    private readonly List<DecryptionKey> _keys = [];

    private SecretKeyRing()
    {
    }

    /// <summary>The keys, the last one first, because the encryption subkey follows the primary key, which signs.</summary>
    internal IEnumerable<DecryptionKey> Keys => Enumerable.Reverse(_keys);

    /// <summary>Reads RSA, ElGamal, ECDH and X25519 keys of version 4 and 6; keys that only sign, and public keys, are skipped.</summary>
    /// <exception cref="KeyFormatException">There is no decryption key, or it is damaged; the message says why.</exception>
    public static SecretKeyRing Parse(ReadOnlySpan<byte> armoredOrBinary)
    {
        using var packets = Armor.Open(armoredOrBinary, ArmorKind.Keys, out var error)
            ?? throw new KeyFormatException($"the OpenPGP secret key cannot be read: {error}");
        var ring = new SecretKeyRing();
        try
        {
            ring.Fill(packets.Span);
            return ring;
        }
        catch
        {
            ring.Dispose();
            throw;
        }
    }

    /// <summary>Wipes the secret numbers.</summary>
    public void Dispose()
    {
        foreach (var key in _keys)
            key.Dispose();
        _keys.Clear();
    }

    private void Fill(Span<byte> packets)
    {
        var reader = new PacketReader(packets);
        var why = "it has no key to decrypt with";
        while (reader.Next())
        {
            if (reader.Tag is PacketTag.SecretKey or PacketTag.SecretSubkey)
            {
                if (SecretKeyPacket.Read(reader.Body, out var error) is { } key)
                    _keys.Add(key);
                else if (error.Length > 0)
                    why = error;
            }
            else if (reader.Tag is PacketTag.PublicKey)
            {
                why = "it is a public key";
            }
            else if (reader.Tag is not (PacketTag.Signature or PacketTag.UserId or PacketTag.UserAttribute or PacketTag.Trust
                or PacketTag.PublicSubkey))
            {
                throw new KeyFormatException("the OpenPGP secret key cannot be read: it is another kind of OpenPGP data");
            }
        }

        if (reader.Failed)
            throw new KeyFormatException("the OpenPGP secret key cannot be read: it is truncated or damaged");
        if (_keys.Count == 0)
            throw new KeyFormatException($"the OpenPGP secret key cannot be used: {why}");
    }
}
