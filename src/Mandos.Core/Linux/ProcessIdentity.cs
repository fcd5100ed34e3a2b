using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>Whose rights this process has (credentials(7)).</summary>
public static unsafe partial class ProcessIdentity
{
    /// <summary>True if the process may become somebody else.</summary>
    public static bool IsRoot => UserId == 0;

    /// <summary>The effective user ID.</summary>
    public static uint UserId => GetEffectiveUserId();

    /// <summary>
    /// Becomes another user for good, on all threads: no supplementary groups, real, effective and saved IDs changed. The
    /// kernel drops all capabilities with the last ID that was root's.
    /// </summary>
    public static Errno BecomeForGood(uint userId, uint groupId)
    {
        var error = Errno.From(SetGroups(0, null));
        if (error.Ok)
            error = Errno.From(SetGroupIds(groupId, groupId, groupId));
        if (error.Ok)
            error = Errno.From(SetUserIds(userId, userId, userId));
        return error;
    }

    [LibraryImport(LibC.Name, EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport(LibC.Name, EntryPoint = "setgroups", SetLastError = true)]
    private static partial int SetGroups(nuint count, uint* groups);

    [LibraryImport(LibC.Name, EntryPoint = "setresgid", SetLastError = true)]
    private static partial int SetGroupIds(uint real, uint effective, uint saved);

    [LibraryImport(LibC.Name, EntryPoint = "setresuid", SetLastError = true)]
    private static partial int SetUserIds(uint real, uint effective, uint saved);
}
