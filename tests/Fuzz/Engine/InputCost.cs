using Mandos.Core.Secrets;

namespace Mandos.Fuzz.Engine;

/// <summary>What the calling thread has used so far, or between two such moments: see <see cref="InputLimits"/>.</summary>
internal readonly record struct InputCost(TimeSpan Time, long Allocated, long Locked)
{
    internal static InputCost SoFar =>
        new(ThreadTime.Now, GC.GetAllocatedBytesForCurrentThread(), SecretBuffer.TakenByCurrentThread);

    internal InputCost Since(InputCost before) => new(Time - before.Time, Allocated - before.Allocated, Locked - before.Locked);

    /// <summary>What was too much of memory, for people; null if nothing was.</summary>
    internal string? MemoryFault(InputLimits limits)
    {
        if (Allocated > limits.Allocated)
            return $"allocates {Allocated} bytes, more than {limits.Allocated}";
        return Locked > limits.Locked ? $"takes {Locked} bytes of locked memory, more than {limits.Locked}" : null;
    }
}
