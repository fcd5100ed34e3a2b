using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Server.Store;

/// <summary>
/// Encrypts secrets at rest: AES-256-GCM with a random nonce, bound to the client's name, so that one client's secret cannot replace
/// another's. Random nonces of 96 bits are safe for 2^32 secrets (NIST SP 800-38D, 8.3).
/// <code>
///  0            12                     n-16              n
///  +------------+----------------------+-----------------+
///  | nonce      | ciphertext           | tag             |
///  +------------+----------------------+-----------------+
/// </code>
/// </summary>
internal sealed class SecretSeal(KeyParameter key)
{
    private const int NonceLength = 12, TagLength = 16;

    private readonly GcmBlockCipher _cipher = new(AesUtilities.CreateEngine());

    /// <summary>Encrypts a borrowed secret.</summary>
    internal byte[] Seal(string client, ReadOnlySpan<byte> secret)
    {
        var box = new byte[NonceLength + secret.Length + TagLength];
        SystemRandom.Fill(box.AsSpan(0, NonceLength));
        _cipher.Init(true, Parameters(client, box));
        var length = _cipher.ProcessBytes(secret, box.AsSpan(NonceLength));
        _ = _cipher.DoFinal(box.AsSpan(NonceLength + length));
        return box;
    }

    /// <summary>Decrypts; null if the data was not sealed for this client with this key.</summary>
    internal SecretBuffer? Open(string client, ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceLength + TagLength)
            return null;
        var secret = new SecretBuffer(box.Length);
        try
        {
            _cipher.Init(false, Parameters(client, box));
            secret.Advance(_cipher.ProcessBytes(box[NonceLength..], secret.Free));
            secret.Advance(_cipher.DoFinal(secret.Free));
            return secret;
        }
        catch (InvalidCipherTextException)
        {
            secret.Dispose();
            return null;
        }
    }

    private AeadParameters Parameters(string client, ReadOnlySpan<byte> box) =>
        new(key, 8 * TagLength, box[..NonceLength].ToArray(), Encoding.UTF8.GetBytes(client));
}
