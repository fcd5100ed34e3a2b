namespace Mandos.Server.Configuration;

/// <summary>One section with its options by their lower-case names.</summary>
/// <param name="Name">As written; inner and outer spaces are part of it.</param>
/// <param name="Line">Where it begins; 0 if it is not in the file.</param>
internal sealed record ConfigurationSection(string Name, int Line)
{
    /// <summary>The options in the order of the file.</summary>
    internal Dictionary<string, ConfigurationOption> Options { get; } = new(StringComparer.Ordinal);
}

/// <summary>Where an option's value lies in its document.</summary>
/// <param name="Line">Where it stands in the file.</param>
/// <param name="Start">First byte among the document's values.</param>
/// <param name="Length">Number of bytes.</param>
internal readonly record struct ConfigurationOption(int Line, int Start, int Length);
