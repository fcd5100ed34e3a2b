using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Privileges;

/// <summary>The user and group IDs of this process (credentials(7)). The C library changes them for all threads together.</summary>
public static unsafe partial class Credentials
{
    /// <summary>The user "nobody" on Linux.</summary>
    public const uint Nobody = 65534;

    /// <summary>The user who started the program.</summary>
    public static uint RealUser => GetUid();

    /// <summary>The group of the user who started the program.</summary>
    public static uint RealGroup => GetGid();

    /// <summary>The effective user ID.</summary>
    public static uint EffectiveUser => GetEUid();

    /// <summary>Changes to this user and group permanently, without supplementary groups. Needs root.</summary>
    public static Errno Become(uint user, uint group)
    {
        var error = Errno.From(SetGroups(0, null));
        if (error.Ok)
            error = Errno.From(SetResGid(group, group, group));
        if (error.Ok)
            error = Errno.From(SetResUid(user, user, user));
        return error;
    }

    /// <summary>
    /// Acts as root for this user and group, like a set-user-ID program that the user started: the real IDs are theirs, the effective and
    /// saved ones root's; no supplementary groups. Needs root.
    /// </summary>
    public static Errno ActAsRootFor(uint user, uint group)
    {
        var error = Errno.From(SetGroups(0, null));
        if (error.Ok)
            error = Errno.From(SetResGid(group, 0, 0));
        if (error.Ok)
            error = Errno.From(SetResUid(user, 0, 0));
        return error;
    }

    /// <summary>
    /// Permanently drops the privileges of a set-user-ID or set-group-ID bit; has no effect on a program without one. Does not need root.
    /// </summary>
    public static Errno BecomeRealUser()
    {
        var (user, group) = (RealUser, RealGroup);
        var error = Errno.From(SetResGid(group, group, group));
        return error.Ok ? Errno.From(SetResUid(user, user, user)) : error;
    }

    /// <summary>
    /// Makes the effective user of a set-user-ID program its real user permanently; otherwise a shell that it starts would revert to the
    /// real user. Needs root; has no effect on other programs.
    /// </summary>
    public static Errno BecomeEffectiveUser()
    {
        if (GetEUid() != 0 || (GetUid() == 0 && GetGid() == 0))
            return Errno.None;
        var error = Errno.From(SetResGid(0, 0, 0));
        return error.Ok ? Errno.From(SetResUid(0, 0, 0)) : error;
    }

    /// <summary>Acts as another user until this is undone, which requires the saved or real user to permit it.</summary>
    public static Errno ActAs(uint user) => Errno.From(SetEUid(user));

    [LibraryImport(LibC.Name, EntryPoint = "getuid")]
    private static partial uint GetUid();

    [LibraryImport(LibC.Name, EntryPoint = "getgid")]
    private static partial uint GetGid();

    [LibraryImport(LibC.Name, EntryPoint = "geteuid")]
    private static partial uint GetEUid();

    [LibraryImport(LibC.Name, EntryPoint = "setgroups", SetLastError = true)]
    private static partial int SetGroups(nuint count, uint* groups);

    [LibraryImport(LibC.Name, EntryPoint = "setresgid", SetLastError = true)]
    private static partial int SetResGid(uint real, uint effective, uint saved);

    [LibraryImport(LibC.Name, EntryPoint = "setresuid", SetLastError = true)]
    private static partial int SetResUid(uint real, uint effective, uint saved);

    [LibraryImport(LibC.Name, EntryPoint = "seteuid", SetLastError = true)]
    private static partial int SetEUid(uint user);
}
