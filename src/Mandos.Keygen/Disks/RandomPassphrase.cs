using System.Buffers.Text;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Keygen.Disks;

/// <summary>A passphrase that no one types: 32 random bytes as 43 characters of base64url (RFC 4648 section 5).</summary>
internal static class RandomPassphrase
{
    private const int Bytes = 32;

    /// <summary>Creates one, which the caller owns.</summary>
    public static SecretBuffer Create()
    {
        using var random = new SecretBuffer(Bytes);
        random.SetLength(Bytes);
        SystemRandom.Fill(random.Span);
        var passphrase = new SecretBuffer(Base64Url.GetEncodedLength(Bytes));
        passphrase.Advance(Base64Url.EncodeToUtf8(random.Span, passphrase.Free));
        return passphrase;
    }
}
