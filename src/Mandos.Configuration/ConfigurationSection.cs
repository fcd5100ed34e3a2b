namespace Mandos.Configuration;

/// <summary>One section with its options by their lower-case names.</summary>
/// <param name="Name">The name as written, including inner and outer spaces.</param>
/// <param name="Line">The line where it begins; 0 if it is not in the file.</param>
internal sealed record ConfigurationSection(string Name, int Line)
{
    /// <summary>The options in the order of the file.</summary>
    internal Dictionary<string, ConfigurationOption> Options { get; } = new(StringComparer.Ordinal);
}

/// <summary>The position of an option's value in its document.</summary>
/// <param name="Line">The line in the file.</param>
/// <param name="Start">The first byte in the document's values.</param>
/// <param name="Length">The number of bytes.</param>
internal readonly record struct ConfigurationOption(int Line, int Start, int Length);
