namespace Mandos.Fuzz.Engine;

/// <summary>What one input may cost. More is a finding, even if the parser gives the right answer in the end.</summary>
/// <param name="Time">Processor time of the thread, so that a busy machine finds nothing.</param>
/// <param name="Allocated">Bytes allocated on the managed heap.</param>
internal sealed record InputLimits(TimeSpan Time, long Allocated)
{
    internal static InputLimits Default { get; } = new(TimeSpan.FromSeconds(1), 64 << 20);
}
