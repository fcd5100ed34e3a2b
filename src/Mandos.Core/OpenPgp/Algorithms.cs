namespace Mandos.Core.OpenPgp;

/// <summary>Packet types (RFC 9580 section 5; <see cref="AeadEncrypted"/> is from LibrePGP).</summary>
internal enum PacketTag : byte
{
    SessionKey = 1,
    Signature = 2,
    PasswordSessionKey = 3,
    OnePassSignature = 4,
    SecretKey = 5,
    PublicKey = 6,
    SecretSubkey = 7,
    Compressed = 8,
    Encrypted = 9,
    Marker = 10,
    Literal = 11,
    Trust = 12,
    UserId = 13,
    PublicSubkey = 14,
    UserAttribute = 17,
    IntegrityProtected = 18,
    AeadEncrypted = 20,
    Padding = 21,
}

/// <summary>RFC 9580 section 9.1.</summary>
internal enum PublicKeyAlgorithm : byte
{
    Rsa = 1,
    RsaEncryptOnly = 2,
    RsaSignOnly = 3,
    ElGamal = 16,
    Dsa = 17,
    Ecdh = 18,
    Ecdsa = 19,
    EdDsaLegacy = 22,
    X25519 = 25,
    X448 = 26,
    Ed25519 = 27,
    Ed448 = 28,
}

/// <summary>
/// RFC 9580 section 9.3, without IDEA and Blowfish; <see cref="None"/> means that the cipher is named elsewhere in the message.
/// </summary>
internal enum CipherAlgorithm : byte
{
    None = 0,
    TripleDes = 2,
    Cast5 = 3,
    Aes128 = 7,
    Aes192 = 8,
    Aes256 = 9,
    Twofish = 10,
    Camellia128 = 11,
    Camellia192 = 12,
    Camellia256 = 13,
}

/// <summary>RFC 9580 section 9.4.</summary>
internal enum CompressionAlgorithm : byte
{
    None = 0,
    Zip = 1,
    Zlib = 2,
    Bzip2 = 3,
}

/// <summary>RFC 9580 section 9.5, without SHA-1 and older hashes, which are insecure.</summary>
internal enum HashAlgorithm : byte
{
    Sha256 = 8,
    Sha384 = 9,
    Sha512 = 10,
    Sha224 = 11,
}

/// <summary>RFC 9580 section 9.6.</summary>
internal enum AeadAlgorithm : byte
{
    Eax = 1,
    Ocb = 2,
    Gcm = 3,
}
