using System.Runtime.InteropServices;
using Mandos.Core.Linux.Files;

namespace Mandos.Core.Linux.Processes;

/// <summary>
/// The time since the machine started, including suspend (CLOCK_BOOTTIME of clock_gettime(2)), and the ID of that boot. Nobody can set this
/// clock, so it measures time across restarts of a program, but not of the machine.
/// </summary>
/// <param name="BootId">The ID of the boot, which differs after each; empty if unknown.</param>
/// <param name="Elapsed">Reads the clock.</param>
public sealed unsafe partial record BootClock(string BootId, Func<TimeSpan> Elapsed)
{
    private const int CLOCK_BOOTTIME = 7;
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    /// <summary>The clock of this machine.</summary>
    public static BootClock OfSystem()
    {
        var known = SmallFile.TryRead(BootIdFile, 64, out var content, out _) == SmallFileResult.Read;
        return new(known ? System.Text.Encoding.ASCII.GetString(content).Trim() : "", Read);
    }

    private static TimeSpan Read()
    {
        TimeSpec time;
        // Cannot fail: the clock exists since Linux 2.6.39.
        _ = ClockGetTime(CLOCK_BOOTTIME, &time);
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    [LibraryImport(LibC.Name, EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, TimeSpec* time);
}
