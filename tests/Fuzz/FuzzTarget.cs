using Mandos.Fuzz.Engine;

namespace Mandos.Fuzz;

/// <summary>
/// One reader of bytes from outside with inputs to start from. <see cref="Run"/> must return for every input, within
/// <see cref="Limits"/>, and may throw nothing: what the reader documents it catches itself.
/// </summary>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Run)
{
    /// <summary>Pieces that the format is made of, for the mutations.</summary>
    internal IReadOnlyList<byte[]> Words { get; init; } = [];

    /// <summary>Bytes of the longest input.</summary>
    internal int Longest { get; init; } = 8192;

    internal InputLimits Limits { get; init; } = InputLimits.Default;
}
