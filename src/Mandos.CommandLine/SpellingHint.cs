namespace Mandos.CommandLine;

/// <summary>Suggestions for names that are probably misspelled.</summary>
public static class SpellingHint
{
    // Allows for word separators. Every letter of one name is compared with every letter of the other.
    private const int LengthDifference = 8;

    /// <summary>Returns <c>; did you mean 'port'?</c>, or nothing if no known name is similar.</summary>
    public static string Hint(string name, IEnumerable<string> known) => Of(name, known) is { } near ? $"; did you mean '{near}'?" : "";

    /// <summary>Returns the known name that differs by one typing error, or by two if it is long; null if there is none.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        string? near = null;
        var fewest = int.MaxValue;
        foreach (var candidate in known.Where(k => Math.Abs(k.Length - name.Length) <= LengthDifference))
        {
            var slips = Slips(Plain(name), Plain(candidate));
            if (slips < fewest && slips <= (candidate.Length < 6 ? 1 : 2))
                (near, fewest) = (candidate, slips);
        }

        return near;
    }

    /// <summary>Removes word separators, which are often wrong and never significant.</summary>
    private static string Plain(string name) => name.Replace('-', '_').Replace("_", "", StringComparison.Ordinal);

    /// <summary>The number of letters that are superfluous, missing, wrong, or swapped with their neighbour.</summary>
    private static int Slips(string a, string b)
    {
        var slips = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    slips[i, j] = i + j;
                    continue;
                }

                var same = a[i - 1] == b[j - 1] ? 0 : 1;
                slips[i, j] = Math.Min(Math.Min(slips[i - 1, j], slips[i, j - 1]) + 1, slips[i - 1, j - 1] + same);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    slips[i, j] = Math.Min(slips[i, j], slips[i - 2, j - 2] + 1);
            }
        }

        return slips[a.Length, b.Length];
    }
}
