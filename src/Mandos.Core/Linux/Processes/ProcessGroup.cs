using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Durations;
using Mandos.Core.Linux.Files;

namespace Mandos.Core.Linux.Processes;

/// <summary>The remaining processes in the group of a child that has ended.</summary>
internal static partial class ProcessGroup
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    // The kernel takes a moment to end a killed process; one that waits for a dead disk does not end.
    private static readonly TimeSpan PatienceWithKilled = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Completes when no process of the group is left; those that are left after the grace period are killed. False if some cannot be
    /// killed.
    /// </summary>
    /// <remarks>
    /// While a process of the group exists, the kernel does not reuse the group's number. A reuse between two checks would require that all
    /// numbers are used up in that time.
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
            // The cheap check comes first: normally no process is left.
            if (Kill(-group, 0) != 0 && Errno.Last.Code == Errno.NoSuchProcess)
                return true;
            if (pauses.Next > FirstPause && AreAllZombies(group))
                return true;
            if (time.GetElapsedTime(began) >= limit)
                return false;
            await Task.Delay(pauses.Take(), time);
        }
    }

    /// <summary>
    /// In a container whose first process does not reap orphans, zombies remain in their group. False if none are visible.
    /// </summary>
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

    /// <summary>Returns the state of a process of the group; null for others, and if it has ended.</summary>
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
