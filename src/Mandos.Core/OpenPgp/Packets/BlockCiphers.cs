using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Engines;

namespace Mandos.Core.OpenPgp.Packets;

/// <summary>The supported ciphers: those that gpg uses or used by default, or on request.</summary>
internal static class BlockCiphers
{
    /// <summary>The key length of a cipher; 0 for one that is not supported.</summary>
    public static int KeyLength(CipherAlgorithm cipher) => cipher switch
    {
        CipherAlgorithm.Aes128 or CipherAlgorithm.Camellia128 or CipherAlgorithm.Cast5 => 16,
        CipherAlgorithm.Aes192 or CipherAlgorithm.Camellia192 or CipherAlgorithm.TripleDes => 24,
        CipherAlgorithm.Aes256 or CipherAlgorithm.Camellia256 or CipherAlgorithm.Twofish => 32,
        _ => 0,
    };

    /// <summary>Whether the blocks have 16 octets, which the authenticated modes need.</summary>
    public static bool HasLongBlocks(CipherAlgorithm cipher) => cipher is not (CipherAlgorithm.TripleDes or CipherAlgorithm.Cast5);

    /// <summary>Creates the cipher without a key.</summary>
    public static IBlockCipher Create(CipherAlgorithm cipher) => cipher switch
    {
        CipherAlgorithm.TripleDes => new DesEdeEngine(),
        CipherAlgorithm.Cast5 => new Cast5Engine(),
        CipherAlgorithm.Twofish => new TwofishEngine(),
        CipherAlgorithm.Camellia128 or CipherAlgorithm.Camellia192 or CipherAlgorithm.Camellia256 => new CamelliaLightEngine(),
        _ => AesUtilities.CreateEngine(),
    };
}
