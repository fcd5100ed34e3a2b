using Mandos.Core.Secrets;

namespace Mandos.Configuration;

/// <summary>
/// Base64 as Python's <c>binascii.a2b_base64</c> reads it: invalid characters are skipped, everything after complete padding is ignored,
/// and missing padding is an error.
/// </summary>
internal static class PythonBase64
{
    /// <summary>Decodes into a new buffer that the caller owns; null if the padding is wrong.</summary>
    internal static SecretBuffer? Decode(ReadOnlySpan<char> text)
    {
        var result = new SecretBuffer(text.Length / 4 * 3 + 3);
        if (TryDecode(text, result))
            return result;
        result.Dispose();
        return null;
    }

    private static bool TryDecode(ReadOnlySpan<char> text, SecretBuffer result)
    {
        // The bits of up to four characters, of which `count` are present.
        var bits = 0;
        var count = 0;
        var padding = 0;
        var free = result.Free;
        var written = 0;
        foreach (var c in text)
        {
            if (c == '=')
            {
                if (count < 2 || count + ++padding < 4)
                    continue;
                result.Advance(written);
                return true;
            }

            var value = Value(c);
            if (value < 0)
                continue;
            padding = 0;
            bits = (bits << 6 | value) & 0xffffff;
            count = (count + 1) % 4;
            if (count == 1)
                continue;
            // After two, three and four characters one more byte is complete.
            free[written++] = (byte)(bits >> (count == 0 ? 0 : 8 - 2 * count));
        }

        result.Advance(written);
        return count == 0;
    }

    private static int Value(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '+' => 62,
        '/' => 63,
        _ => -1,
    };
}
