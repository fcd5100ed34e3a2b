namespace Mandos.Fuzz;

/// <summary>
/// One parser with inputs to start from. <see cref="Run"/> must return for every input, in time, and may throw nothing
/// but what the parser documents (which it catches itself).
/// </summary>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Run);
