using System.Text;
using Mandos.Core.Secrets;
using Mandos.Core.Text;

namespace Mandos.Configuration;

/// <summary>
/// Expands <c>%(name)s</c> in a value: the value of that option in the same section, itself interpolated. <c>%%</c> is one percent sign;
/// any other percent sign is an error (Python's BasicInterpolation).
/// </summary>
internal static class Interpolation
{
    private const int MaximumDepth = 10;

    /// <summary>
    /// The largest secret in base64, including line breaks. Values refer to each other: without a limit a short file could fill the memory.
    /// </summary>
    private const int MaximumLength = PasswordLimits.LargestMessage / 2 * 3;

    private const int MaximumReferences = 10_000;

    /// <summary>Appends the final value of an option; returns null, or the error.</summary>
    internal static string? Expand(ConfigurationDocument document, ConfigurationSection section, ReadOnlySpan<byte> raw, SecretText result)
    {
        var references = 0;
        return Expand(document, section, raw, result, depth: 1, ref references);
    }

    private static string? Expand(
        ConfigurationDocument document, ConfigurationSection section, ReadOnlySpan<byte> rest, SecretText result, int depth,
        ref int references)
    {
        if (depth > MaximumDepth)
            return $"'%(...)s' is nested more than {MaximumDepth} levels deep";
        while (!rest.IsEmpty)
        {
            var percent = rest.IndexOf((byte)'%');
            var plain = percent < 0 ? rest : rest[..percent];
            if (plain.Length > MaximumLength - result.Length)
                return "the value is too long after interpolation";
            result.AppendUtf8(plain);
            rest = rest[plain.Length..];
            if (rest.IsEmpty)
                break;
            if (rest is [(byte)'%', (byte)'%', ..])
            {
                result.Append("%");
                rest = rest[2..];
                continue;
            }

            if (rest is not [(byte)'%', (byte)'(', ..])
                return "a '%' must be followed by '%' or '('; write '%%' for a percent sign";
            var close = rest.IndexOf((byte)')');
            if (close < 3 || close + 1 == rest.Length || rest[close + 1] != 's')
                return "'%(' must continue as '%(option)s'";
            var name = PythonText.Lower(Encoding.UTF8.GetString(rest[2..close]));
            if (!document.TryFind(section, name, out var value, out _))
                return $"'%({name})s' refers to an option that does not exist";
            if (++references > MaximumReferences)
                return $"there are more than {MaximumReferences} '%(...)s' in it";
            rest = rest[(close + 2)..];
            if (!value.Contains((byte)'%'))
                result.AppendUtf8(value);
            else if (Expand(document, section, value, result, depth + 1, ref references) is { } error)
                return error;
        }

        return null;
    }
}
