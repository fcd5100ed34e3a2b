using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Engines;

namespace Mandos.Core.OpenPgp.Packets;

/// <summary>The ciphers that messages may be encrypted with: those that gpg has used by default, now or once, or on request.</summary>
internal static class BlockCiphers
{
    /// <summary>How long a key the cipher takes; 0 for a cipher that is not read.</summary>
    public static int KeyLength(CipherAlgorithm cipher) => cipher switch
    {
        CipherAlgorithm.Aes128 or CipherAlgorithm.Camellia128 or CipherAlgorithm.Cast5 => 16,
        CipherAlgorithm.Aes192 or CipherAlgorithm.Camellia192 or CipherAlgorithm.TripleDes => 24,
        CipherAlgorithm.Aes256 or CipherAlgorithm.Camellia256 or CipherAlgorithm.Twofish => 32,
        _ => 0,
    };

    /// <summary>Blocks of 16 octets, which the authenticated modes need.</summary>
    public static bool HasLongBlocks(CipherAlgorithm cipher) => cipher is not (CipherAlgorithm.TripleDes or CipherAlgorithm.Cast5);

    /// <summary>The cipher without a key yet.</summary>
    public static IBlockCipher Create(CipherAlgorithm cipher) => cipher switch
    {
        CipherAlgorithm.TripleDes => new DesEdeEngine(),
        CipherAlgorithm.Cast5 => new Cast5Engine(),
        CipherAlgorithm.Twofish => new TwofishEngine(),
        CipherAlgorithm.Camellia128 or CipherAlgorithm.Camellia192 or CipherAlgorithm.Camellia256 => new CamelliaLightEngine(),
        _ => AesUtilities.CreateEngine(),
    };
}
