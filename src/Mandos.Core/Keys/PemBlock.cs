using System.Buffers;
using System.Buffers.Text;
using Mandos.Core.Secrets;

namespace Mandos.Core.Keys;

/// <summary>
/// Extracts the DER data from the PEM text of a key file (RFC 7468). Text before and after the block is skipped, because certtool writes a
/// description of the key there.
/// </summary>
internal static class PemBlock
{
    /// <summary>Decodes the first block with this label. The result may be secret; the caller disposes it.</summary>
    /// <exception cref="KeyFormatException">There is no such block, or it is not base64.</exception>
    internal static SecretBuffer Decode(ReadOnlySpan<byte> text, string label)
    {
        var begin = Marker("BEGIN", label);
        var start = text.IndexOf(begin);
        if (start < 0)
            throw new KeyFormatException(WhatIsThere(text, label));
        var body = text[(start + begin.Length)..];
        var end = body.IndexOf(Marker("END", label));
        if (end < 0)
            throw new KeyFormatException($"no end of the block \"{label}\"; the file is truncated");
        return FromBase64(body[..end], label);
    }

    private static SecretBuffer FromBase64(ReadOnlySpan<byte> body, string label)
    {
        var der = new SecretBuffer(Base64.GetMaxDecodedFromUtf8Length(body.Length));
        var status = Base64.DecodeFromUtf8(body, der.Free, out _, out var written);
        if (status == OperationStatus.Done && written > 0)
        {
            der.Advance(written);
            return der;
        }
        der.Dispose();
        throw new KeyFormatException($"the block \"{label}\" is not base64");
    }

    private static string WhatIsThere(ReadOnlySpan<byte> text, string label)
    {
        foreach (var other in (ReadOnlySpan<string>)
            ["ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "PUBLIC KEY", "CERTIFICATE"])
        {
            if (text.IndexOf(Marker("BEGIN", other)) >= 0)
                return other == "ENCRYPTED PRIVATE KEY"
                    ? "the private key is protected by a passphrase, which cannot be entered at boot"
                    : $"a block \"{other}\" instead of \"{label}\"";
        }
        return $"no PEM block \"{label}\"";
    }

    private static byte[] Marker(string word, string label) =>
        System.Text.Encoding.ASCII.GetBytes($"-----{word} {label}-----");
}
