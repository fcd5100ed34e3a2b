using System.Text;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;

namespace Mandos.Keygen.Passwords;

/// <summary>
/// Finds a secret in the forms that a user may have: a section of clients.conf, several sections, base64 alone, ASCII armor, or the message
/// itself.
/// </summary>
/// <remarks>The secret is encrypted, so it may be on the managed heap for a moment.</remarks>
internal static class SecretText
{
    /// <summary>Returns the message, which the caller owns.</summary>
    /// <param name="content">The content of the file.</param>
    /// <param name="keyId">Selects one of several sections.</param>
    /// <param name="problem">Why there is none.</param>
    public static SecretBuffer? Find(SecretBuffer content, KeyId? keyId, out string problem)
    {
        problem = "it is empty";
        if (content.Length == 0)
            return null;
        // The first byte of a packet cannot begin a text.
        if (content.Span[0] >= 0x80 || content.Span.IndexOf("-----BEGIN PGP MESSAGE"u8) >= 0)
            return SecretBuffer.CopyOf(content.Span);
        var text = Encoding.UTF8.GetString(content.Span);
        var sections = Sections(text);
        if (sections.Count == 0)
            return Decode(text, out problem);
        var ours = sections.Count == 1
            ? sections
            : [
                .. sections.Where(
                    section => keyId is not null && section.KeyId.Equals(keyId.Value.ToString(), StringComparison.OrdinalIgnoreCase))];
        if (ours is [var only])
            return Decode(only.Secret, out problem);
        problem = $"it has {sections.Count} sections, {ours.Count} of them with the key_id of these keys";
        return null;
    }

    private sealed record Section(string KeyId, string Secret);

    private static SecretBuffer? Decode(string base64, out string problem)
    {
        problem = "it is not base64";
        try
        {
            var bytes = Convert.FromBase64String(base64);
            problem = "there is no secret in it";
            return bytes.Length > 0 ? SecretBuffer.CopyOf(bytes) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static List<Section> Sections(string text)
    {
        List<Section> sections = [];
        var option = "";
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            var isContinued = line.StartsWith(' ') || line.StartsWith('\t');
            if (!isContinued)
                option = "";
            if (line.StartsWith('['))
                sections.Add(new("", ""));
            else if (!isContinued && line.Split(['=', ':'], 2) is [var name, _] && sections.Count > 0)
                option = name.Trim().ToLowerInvariant();
            if (sections.Count == 0 || option is not ("key_id" or "secret"))
                continue;
            var value = isContinued ? line.Trim() : line[(line.IndexOfAny(['=', ':']) + 1)..].Trim();
            sections[^1] = option == "secret"
                ? sections[^1] with { Secret = sections[^1].Secret + value }
                : sections[^1] with { KeyId = value.Replace(" ", "", StringComparison.Ordinal) };
        }

        return sections;
    }
}
