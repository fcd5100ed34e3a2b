using Mandos.Core.Keys;
using Mandos.Core.OpenPgp.Packets;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>
/// The public keys whose signatures are accepted: one or more transferable public keys (RFC 9580 section 10.1) as <c>gpg --export</c>
/// writes them, binary or in ASCII armor.
/// </summary>
/// <remarks>
/// The file is trusted as a whole, because a person who can change it can also change the boot executable. Its own signatures and
/// expiry dates are ignored; early boot does not know the time anyway.
/// </remarks>
public sealed class PublicKeyRing
{
    private readonly List<PublicKeyPacket> _keys = [];

    private PublicKeyRing()
    {
    }

    /// <summary>Reads keys of versions 4 and 6, and the public parts of secret keys.</summary>
    /// <exception cref="KeyFormatException">There is no public key; the message says why.</exception>
    public static PublicKeyRing Parse(ReadOnlySpan<byte> armoredOrBinary)
    {
        using var packets = Armor.Open(armoredOrBinary, ArmorKind.Keys, out var error)
            ?? throw new KeyFormatException($"the OpenPGP public key cannot be read: {error}");
        var ring = new PublicKeyRing();
        var reader = new PacketReader(packets.Span);
        while (reader.Next())
        {
            if (reader.Tag is PacketTag.PublicKey or PacketTag.PublicSubkey)
                ring.Add(reader.Body, isSecret: false);
            else if (reader.Tag is PacketTag.SecretKey or PacketTag.SecretSubkey)
                ring.Add(reader.Body, isSecret: true);
            else if (reader.Tag is not (PacketTag.Signature or PacketTag.UserId or PacketTag.UserAttribute or PacketTag.Trust))
                throw new KeyFormatException("the OpenPGP public key cannot be read: it is another kind of OpenPGP data");
        }

        if (reader.Failed)
            throw new KeyFormatException("the OpenPGP public key cannot be read: it is truncated or damaged");
        if (ring._keys.Count == 0)
            throw new KeyFormatException("the OpenPGP public key cannot be used: its version or algorithm is not supported");
        return ring;
    }

    /// <summary>Checks one signature over a plaintext.</summary>
    /// <param name="plaintext">The signed plaintext.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="detail">The finding, for debug output.</param>
    internal SignatureState Verify(ReadOnlySpan<byte> plaintext, SignaturePacket signature, out string detail)
    {
        if (!signature.IsSupported)
        {
            detail = "it is signed in a way that is not supported, so the signature was not checked";
            return SignatureState.NotVerified;
        }

        detail = "it is signed by a key that is not ours";
        var state = SignatureState.Invalid;
        foreach (var key in _keys.Where(signature.MayBeBy))
        {
            var hash = signature.Fits(key) ? MessageHash.Of(plaintext, signature) : null;
            state = hash is null ? SignatureState.NotVerified : SignatureCheck.Verify(key, signature, hash);
            detail = state switch
            {
                SignatureState.Valid => $"it is signed by {key.KeyId:X16}",
                SignatureState.Invalid => $"its signature by {key.KeyId:X16} is wrong",
                _ => $"it is signed by {key.KeyId:X16} in a way that is not supported, so the signature was not checked",
            };
            if (state is SignatureState.Valid)
                break;
        }

        return state;
    }

    private void Add(ReadOnlySpan<byte> body, bool isSecret)
    {
        var fields = new FieldReader(body);
        if (PublicKeyPacket.Read(ref fields) is { } key && (isSecret || fields.AtEnd))
            _keys.Add(key);
    }
}
