using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Privileges;

/// <summary>User and group numbers of this process (credentials(7)). The C library changes them for all threads at once.</summary>
public static unsafe partial class Credentials
{
    /// <summary>The user "nobody" on Linux.</summary>
    public const uint Nobody = 65534;

    /// <summary>Who started the program.</summary>
    public static uint RealUser => GetUid();

    /// <summary>The group of who started the program.</summary>
    public static uint RealGroup => GetGid();

    /// <summary>Who the program acts as.</summary>
    public static uint EffectiveUser => GetEUid();

    /// <summary>Becomes this user and group for good, without supplementary groups. Needs root.</summary>
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
    /// Acts as root for this user and group, as a set-uid program started by that user does: the real ids are theirs, the
    /// effective and saved ones root's; no supplementary groups. Needs root.
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

    /// <summary>Gives up a set-uid or set-gid bit for good; a program without one keeps what it has. Needs no root.</summary>
    public static Errno BecomeRealUser()
    {
        var (user, group) = (RealUser, RealGroup);
        var error = Errno.From(SetResGid(group, group, group));
        return error.Ok ? Errno.From(SetResUid(user, user, user)) : error;
    }

    /// <summary>
    /// A set-uid program becomes the user it acts as for good: a shell that it starts would fall back to the real user
    /// otherwise. Needs root; another program keeps what it has.
    /// </summary>
    public static Errno BecomeEffectiveUser()
    {
        if (GetEUid() != 0 || (GetUid() == 0 && GetGid() == 0))
            return Errno.None;
        var error = Errno.From(SetResGid(0, 0, 0));
        return error.Ok ? Errno.From(SetResUid(0, 0, 0)) : error;
    }

    /// <summary>Acts as another user until this is undone; the way back needs the saved or real user to allow it.</summary>
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
