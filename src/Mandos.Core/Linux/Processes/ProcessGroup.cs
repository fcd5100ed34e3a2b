using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Durations;
using Mandos.Core.Linux.Files;

namespace Mandos.Core.Linux.Processes;

/// <summary>What is left of the group of a child that ended.</summary>
internal static partial class ProcessGroup
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    // A process that is killed ends when the kernel gets round to it; one that waits for a dead disk does not.
    private static readonly TimeSpan PatienceWithKilled = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Completes when none of the group lives; those that live when the time of grace is over are killed. False if some of
    /// them cannot be ended.
    /// </summary>
    /// <remarks>
    /// As long as a process of the group lives, the kernel does not reuse its number; that the group ends and the number is
    /// used again between two looks would take a whole round of all numbers.
    /// </remarks>
    internal static async Task<bool> EndAsync(int group, TimeSpan grace, TimeProvider time)
    {
        if (await UntilGoneAsync(group, grace, time))
            return true;
        _ = Kill(-group, Signals.Kill);
        return await UntilGoneAsync(group, PatienceWithKilled, time);
    }

    private static async Task<bool> UntilGoneAsync(int group, TimeSpan limit, TimeProvider time)
    {
        var began = time.GetTimestamp();
        var pauses = new GrowingPause(FirstPause, LongestPause);
        while (true)
        {
            // The first check is the cheap one: normally no process is left.
            if (Kill(-group, 0) != 0 && Errno.Last.Code == Errno.NoSuchProcess)
                return true;
            if (pauses.Next > FirstPause && AreAllZombies(group))
                return true;
            if (time.GetElapsedTime(began) >= limit)
                return false;
            await Task.Delay(pauses.Take(), time);
        }
    }

    /// <summary>In a container whose first process waits for no orphans, they stay in their group. False if none can be seen.</summary>
    private static bool AreAllZombies(int group)
    {
        var seen = false;
        try
        {
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (!char.IsAsciiDigit(folder["/proc/".Length]) || StateInGroup(folder, group) is not { } state)
                    continue;
                if (state is not ('Z' or 'X'))
                    return false;
                seen = true;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return seen;
    }

    /// <summary>The state of a process of the group; null for others, and if it is gone.</summary>
    private static char? StateInGroup(string folder, int group)
    {
        if (SmallFile.TryRead($"{folder}/stat", 4096, out var content, out _) != SmallFileResult.Read)
            return null;
        // 4711 (name, maybe with blanks and parentheses) Z 1 4700 …: state, parent, group.
        var text = Encoding.UTF8.GetString(content);
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 2 && fields[2] == group.ToString(CultureInfo.InvariantCulture) ? fields[0][0] : null;
    }

    [LibraryImport(LibC.Name, EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
