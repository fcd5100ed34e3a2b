using System.Globalization;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Keys;

/// <summary>
/// Parses an expiry time like gpg: <c>0</c>, <c>none</c>, <c>never</c> or <c>-</c> (never), a number of days, weeks (<c>w</c>), months of
/// 30 days (<c>m</c>) or years of 365 days (<c>y</c>), <c>seconds=N</c>, <c>YYYY-MM-DD</c> (noon of that day) or <c>YYYYMMDDThhmmss</c>
/// (UTC).
/// </summary>
internal static class KeyExpiry
{
    /// <summary>Returns the validity from now on; null for unlimited.</summary>
    /// <exception cref="KeygenException">Not a time, in the past, or more than 32 bits of seconds (RFC 4880 section 5.2.3.6).</exception>
    public static TimeSpan? Parse(string text, TimeProvider time)
    {
        if (text is "0" or "none" or "never" or "-")
            return null;
        var now = time.GetUtcNow();
        var seconds = Relative(text)
            ?? SecondsUntil(Day(text, time.LocalTimeZone) ?? Moment(text), now)
            ?? throw new KeygenException(
                $"--expire={text}: not a valid time", "use 0, a number of days, or a number with d, w, m or y, or YYYY-MM-DD");
        if (seconds <= 0)
            throw new KeygenException($"--expire={text}: not in the future");
        if (seconds > uint.MaxValue || now.ToUnixTimeSeconds() + seconds > uint.MaxValue)
            throw new KeygenException($"--expire={text}: later than an OpenPGP key can express", "use 0 for a key that never expires");
        return TimeSpan.FromSeconds(seconds);
    }

    private static double? Relative(string text)
    {
        if (text.StartsWith("seconds=", StringComparison.Ordinal))
            return Number(text["seconds=".Length..]);
        var days = text.Length == 0 ? 0 : text[^1] switch
        {
            'd' => 1,
            'w' => 7,
            'm' => 30,
            'y' => 365,
            _ => 0,
        };
        return days == 0 ? Number(text) * 86400 : Number(text[..^1]) * days * 86400;
    }

    // The caller refuses what exceeds 32 bits; this limit only keeps the number exact.
    private static double? Number(string digits) =>
        digits.Length <= 12 && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTimeOffset? Day(string text, TimeZoneInfo zone)
    {
        if (!DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return null;
        var noon = day.AddHours(12);
        return new(noon, zone.GetUtcOffset(noon));
    }

    private static DateTimeOffset? Moment(string text) =>
        DateTimeOffset.TryParseExact(
            text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : null;

    private static double? SecondsUntil(DateTimeOffset? moment, DateTimeOffset now) =>
        moment is null ? null : Math.Floor((moment.Value - now).TotalSeconds);
}
