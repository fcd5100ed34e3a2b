using System.Security.Cryptography;

namespace Mandos.Fuzz.Engine;

/// <summary>
/// Inputs that reached something once, in <c>tests/Fuzz/Corpus/TARGET</c>, named by their hash. Every run begins with them,
/// so that what was found once is looked at for ever.
/// </summary>
internal sealed class KeptCorpus(FuzzTarget target)
{
    /// <summary>Larger ones are not kept: the corpus is a part of the sources.</summary>
    private const int Largest = 4096;

    private readonly string _folder = Path.Combine(Golden.Root, "tests", "Fuzz", "Corpus", target.Name);

    internal IEnumerable<byte[]> Inputs =>
        Directory.Exists(_folder) ? Directory.GetFiles(_folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];

    internal static bool CanKeep(byte[] input) => input.Length is > 0 and <= Largest;

    internal int Add(IEnumerable<byte[]> inputs)
    {
        var added = 0;
        Directory.CreateDirectory(_folder);
        foreach (var input in inputs.Where(CanKeep))
        {
            var file = Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]);
            if (File.Exists(file))
                continue;
            File.WriteAllBytes(file, input);
            added++;
        }

        return added;
    }
}
