namespace Mandos.Keygen.Booting;

/// <summary>The order of versions in Debian: dpkg --compare-versions, without epochs.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    internal static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (x ?? "", y ?? "");
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            while ((i < a.Length && !char.IsAsciiDigit(a[i])) || (j < b.Length && !char.IsAsciiDigit(b[j])))
            {
                var order = Weight(a, i).CompareTo(Weight(b, j));
                if (order != 0)
                    return order;
                (i, j) = (i + 1, j + 1);
            }

            var (first, second) = (Number(a, ref i), Number(b, ref j));
            var difference = first.Length != second.Length ? first.Length.CompareTo(second.Length) : string.CompareOrdinal(first, second);
            if (difference != 0)
                return difference;
        }

        return 0;
    }

    // A tilde comes before the end, a letter after it, and everything else after the letters.
    private static int Weight(string text, int at) =>
        at >= text.Length || char.IsAsciiDigit(text[at])
            ? 0
            : text[at] == '~' ? -1 : char.IsAsciiLetter(text[at]) ? text[at] : text[at] + 256;

    private static string Number(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text[start..at].TrimStart('0');
    }
}
