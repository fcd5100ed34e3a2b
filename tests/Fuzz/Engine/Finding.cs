namespace Mandos.Fuzz.Engine;

/// <summary>An input that a parser does not take as it must.</summary>
internal sealed class Finding(byte[] input, string detail) : Exception(detail)
{
    internal byte[] Input => input;

    /// <summary>Keeps the input where it can be run again; returns its path.</summary>
    internal string Save(FuzzTarget target)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Golden.Root, "artifacts", "fuzz", "findings"));
        var file = Path.Combine(
            folder.FullName, $"{target.Name}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(file, input);
        return file;
    }
}
