using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mandos.Core.Durations;

/// <summary>
/// A duration as the configuration files and the tools write it, never negative. A year has 52 weeks (364 days) and a month 4 weeks (28
/// days), as always in these files.
/// </summary>
public readonly record struct Duration : IComparable<Duration>
{
    /// <summary>A duration of zero.</summary>
    public static Duration Zero => default;

    /// <summary>Creates a duration, which cannot be negative.</summary>
    public Duration(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        Value = value;
    }

    /// <summary>The value.</summary>
    public TimeSpan Value { get; }

    /// <summary>
    /// Parses an RFC 3339 (appendix A) or ISO 8601 duration, <c>PT5M</c>, or the old format, <c>5m 30s</c>; an empty text means zero.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The result.</param>
    /// <param name="error">If it fails, what is wrong with the text, which it quotes.</param>
    public static bool TryParse(string text, out Duration duration, [NotNullWhen(false)] out string? error)
    {
        duration = default;
        error = null;
        Int128 ticks;
        if (IsoDuration.TryParse(text, out var unsigned))
            ticks = unsigned;
        else if (!LegacyDuration.TryParse(text, out ticks))
            error = $"'{text}' is not a duration";
        if (error is null && ticks < 0)
            error = $"'{text}' is a negative duration";
        if (error is null && ticks > TimeSpan.MaxValue.Ticks)
            error = $"'{text}' is a duration that is too long";
        if (error is not null)
            return false;
        duration = new(new TimeSpan((long)ticks));
        return true;
    }

    /// <summary>
    /// The RFC 3339 format that upstream accepts too: no part of the time is left out between two others (<c>PT1H0M1S</c>).
    /// </summary>
    public string ToRfc3339()
    {
        if (Value == TimeSpan.Zero)
            return "PT0S";
        var fraction = Value.Ticks % TimeSpan.TicksPerSecond;
        var seconds = Value.Seconds != 0 || fraction != 0;
        var minutes = Value.Minutes != 0 || (seconds && Value.Hours != 0);
        var time = (Value.Hours == 0 ? "" : FormattableString.Invariant($"{Value.Hours}H"))
            + (minutes ? FormattableString.Invariant($"{Value.Minutes}M") : "")
            + (seconds ? FormattableString.Invariant($"{Value.Seconds}{Fraction(fraction)}S") : "");
        return "P" + (Value.Days == 0 ? "" : FormattableString.Invariant($"{Value.Days}D")) + (time.Length == 0 ? "" : "T" + time);
    }

    /// <summary>The format for checkers: <c>0:05:00</c>, <c>1 day, 2:03:05</c>, <c>0:00:01.500000</c>.</summary>
    public override string ToString()
    {
        var days = Value.Days switch
        {
            0 => "",
            1 => "1 day, ",
            var n => FormattableString.Invariant($"{n} days, "),
        };
        var micro = Value.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond;
        return days
            + FormattableString.Invariant($"{Value.Hours}:{Value.Minutes:00}:{Value.Seconds:00}")
            + (micro == 0 ? "" : FormattableString.Invariant($".{micro:000000}"));
    }

    /// <inheritdoc />
    public int CompareTo(Duration other) => Value.CompareTo(other.Value);

    /// <summary>Shorter.</summary>
    public static bool operator <(Duration left, Duration right) => left.CompareTo(right) < 0;

    /// <summary>Longer.</summary>
    public static bool operator >(Duration left, Duration right) => left.CompareTo(right) > 0;

    /// <summary>Shorter or equal.</summary>
    public static bool operator <=(Duration left, Duration right) => left.CompareTo(right) <= 0;

    /// <summary>Longer or equal.</summary>
    public static bool operator >=(Duration left, Duration right) => left.CompareTo(right) >= 0;

    private static string Fraction(long ticks) =>
        ticks == 0 ? "" : "." + ticks.ToString("0000000", CultureInfo.InvariantCulture).TrimEnd('0');
}
