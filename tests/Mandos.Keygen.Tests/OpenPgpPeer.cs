using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Mandos.Keygen.Tests;

/// <summary>Reads messages by BouncyCastle's OpenPGP classes, apart from all code of ours.</summary>
internal static class OpenPgpPeer
{
    /// <summary>Decrypts with the key files of a directory, and insists on integrity and a good signature.</summary>
    public static byte[] Read(string directory, byte[] message)
    {
        var secretRing = new PgpSecretKeyRing(Decode(Path.Combine(directory, "seckey.txt")));
        var publicRing = new PgpPublicKeyRing(Decode(Path.Combine(directory, "pubkey.txt")));
        var list = (PgpEncryptedDataList)new PgpObjectFactory(message).NextPgpObject();
        var encrypted = Assert.IsType<PgpPublicKeyEncryptedData>(Assert.Single(list.GetEncryptedDataObjects()));
        using var clear = encrypted.GetDataStream(secretRing.GetSecretKey(encrypted.KeyId).ExtractPrivateKeyRaw([]));
        var packets = new PgpObjectFactory(clear);
        var onePass = ((PgpOnePassSignatureList)packets.NextPgpObject())[0];
        var literal = (PgpLiteralData)packets.NextPgpObject();
        Assert.Equal("", literal.FileName);
        using var content = new MemoryStream();
        literal.GetInputStream().CopyTo(content);
        onePass.InitVerify(publicRing.GetPublicKey(onePass.KeyId));
        onePass.Update(content.ToArray());
        var signature = ((PgpSignatureList)packets.NextPgpObject())[0];
        Assert.Equal(Org.BouncyCastle.Bcpg.HashAlgorithmTag.Sha512, signature.HashAlgorithm);
        Assert.True(onePass.Verify(signature));
        Assert.Equal(-1, clear.ReadByte());
        Assert.True(encrypted.Verify());
        return content.ToArray();
    }

    private static Stream Decode(string path) => PgpUtilities.GetDecoderStream(new MemoryStream(File.ReadAllBytes(path)));
}
