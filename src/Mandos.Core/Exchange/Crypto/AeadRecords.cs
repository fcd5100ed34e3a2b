using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Tls.Crypto.Impl;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>One direction of record protection (RFC 8446, 5.2) with an AEAD mode of AES.</summary>
internal abstract class AeadRecords(IAeadCipher cipher, bool encrypts) : TlsAeadCipherImpl
{
    private readonly IAeadCipher _cipher = cipher;
    private KeyParameter? _key;

    public void SetKey(byte[] key, int keyOff, int keyLen) => _key = new(key, keyOff, keyLen);

    public void SetKey(ReadOnlySpan<byte> key) => _key = new(key);

    public void Init(byte[] nonce, int macSize, byte[] additionalData) =>
        _cipher.Init(encrypts, new AeadParameters(_key, macSize * 8, nonce, additionalData));

    public int GetOutputSize(int inputLength) => _cipher.GetOutputSize(inputLength);

    public int DoFinal(byte[] input, int inputOffset, int inputLength, byte[] output, int outputOffset)
    {
        var length = _cipher.ProcessBytes(input, inputOffset, inputLength, output, outputOffset);
        return length + _cipher.DoFinal(output, outputOffset + length);
    }

    public int DoFinal(byte[] additionalData, byte[] input, int inputOffset, int inputLength, byte[] output, int outputOffset)
    {
        _cipher.ProcessAadBytes(additionalData, 0, additionalData.Length);
        return DoFinal(input, inputOffset, inputLength, output, outputOffset);
    }

    public void Reset() => _cipher.Reset();
}

/// <summary>TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384.</summary>
internal sealed class AesGcmRecords(bool encrypts) : AeadRecords(new GcmBlockCipher(AesUtilities.CreateEngine()), encrypts);

/// <summary>TLS_AES_128_CCM_SHA256.</summary>
internal sealed class AesCcmRecords(bool encrypts) : AeadRecords(new CcmBlockCipher(AesUtilities.CreateEngine()), encrypts);
