using System.Text;

namespace Mandos.Fuzz;

/// <summary>Where inputs come from at first: the golden recordings, and short texts.</summary>
internal static class Seeds
{
    private const int Longest = 20_000;

    internal static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    internal static byte[][] Files(string pattern) =>
        [.. Directory.GetFiles(Golden.Path(""), pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
            .Where(b => b.Length < Longest)];

    internal static byte[] Hex(string digits) => Convert.FromHexString(digits);
}
