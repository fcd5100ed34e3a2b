namespace Mandos.Fuzz.Engine;

/// <summary>What one input may cost. More is a finding, even if the parser gives the right answer in the end.</summary>
/// <param name="Time">Processor time of the thread, so that a busy machine finds nothing.</param>
/// <param name="Allocated">Bytes allocated on the managed heap.</param>
/// <param name="Locked">Bytes of all buffers for secrets, which are locked into memory.</param>
internal sealed record InputLimits(TimeSpan Time, long Allocated, long Locked)
{
    internal static InputLimits Default { get; } = new(TimeSpan.FromSeconds(1), 64 << 20, 64 << 20);
}
