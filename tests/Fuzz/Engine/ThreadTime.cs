using System.Runtime.InteropServices;

namespace Mandos.Fuzz.Engine;

/// <summary>Processor time of the calling thread (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID).</summary>
internal static partial class ThreadTime
{
    private const int ClockThreadCpuTime = 3;

    internal static TimeSpan Now
    {
        get
        {
            _ = GetTime(ClockThreadCpuTime, out var time);
            return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
