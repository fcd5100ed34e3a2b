using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Mandos.Core.Text;

namespace Mandos.Server.Clients;

/// <summary>How much of its timeout is left, in percent, when a client that will be disabled is announced (disable_warning).</summary>
internal sealed class DisableWarning : IEquatable<DisableWarning>
{
    /// <summary>More warnings than these would hide other lines of the log.</summary>
    private const int Most = 8;

    private DisableWarning(ImmutableArray<int> percents) => Percents = percents;

    /// <summary>The warnings if the configuration says nothing else.</summary>
    internal static DisableWarning Usual { get; } = new([50, 10]);

    /// <summary>The shares, from the largest to the smallest; empty for no warnings.</summary>
    internal ImmutableArray<int> Percents { get; }

    /// <summary>Parses a list such as <c>50, 10</c>; an empty text means no warnings.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out DisableWarning? warning)
    {
        warning = null;
        if (text.Trim().Length == 0)
        {
            warning = new([]);
            return true;
        }

        var percents = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            if (Percent.Parse(part) is not (>= 1 and <= 99 and var percent) || !percents.Add(percent))
                return false;
        }

        if (percents.Count > Most)
            return false;
        warning = new([.. percents.Reverse()]);
        return true;
    }

    /// <inheritdoc />
    public bool Equals(DisableWarning? other) => other is not null && Percents.SequenceEqual(other.Percents);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as DisableWarning);

    /// <inheritdoc />
    public override int GetHashCode() => Percents.Aggregate(0, HashCode.Combine);
}

/// <summary>A share in percent.</summary>
internal static class Percent
{
    /// <summary>
    /// Parses a whole number; null if it is none. A percent sign may follow, also a doubled one: where Python's configparser interpolates
    /// values, a single one is an error.
    /// </summary>
    internal static int? Parse(string text) =>
        PythonText.TryParseInteger(text.Trim().TrimEnd('%').TrimEnd(), out var value) && value >= 0 && value <= 100
            && text.Count(c => c == '%') <= 2
            ? (int)value
            : null;
}
