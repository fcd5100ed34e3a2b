using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Privileges;

/// <summary>
/// A set of landlock rules (landlock(7)) that denies access to everything that no rule allows. Landlock supports no exceptions below an
/// allowed directory: to forbid one directory, all its siblings must be allowed.
/// </summary>
public sealed unsafe partial class LandlockRuleset : IDisposable
{
    private const nint SYS_landlock_create_ruleset = 444;
    private const nint SYS_landlock_add_rule = 445;
    private const nint SYS_landlock_restrict_self = 446;
    private const nuint LANDLOCK_CREATE_RULESET_VERSION = 1;
    private const nuint LANDLOCK_CREATE_RULESET_ERRATA = 2;
    private const nuint LANDLOCK_RULE_PATH_BENEATH = 1;
    private const ulong LANDLOCK_SCOPE_SIGNAL = 2;

    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong Truncate = 1 << 14;

    /// <summary>REMOVE_DIR, REMOVE_FILE, and MAKE_* of all seven kinds.</summary>
    private const ulong ChangeDirectories = 0x1FF0;

    private const ulong Refer = 1 << 13;

    private const int O_PATH = 0x200000, O_CLOEXEC = 0x80000;

    private readonly ulong _rights;
    private readonly int _descriptor;

    [StructLayout(LayoutKind.Sequential)]
    private struct Ruleset
    {
        public ulong FileRights;
        public ulong NetworkRights;
        public ulong Scopes;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathBeneath
    {
        public ulong Allowed;
        public int Parent;
    }

    private LandlockRuleset(int descriptor, ulong rights, bool scopesSignals)
    {
        _descriptor = descriptor;
        _rights = rights;
        ScopesSignals = scopesSignals;
    }

    /// <summary>Whether confined processes can signal only one another and the process that enforced the rules.</summary>
    public bool ScopesSignals { get; }

    /// <summary>
    /// Creates a ruleset that forbids reading and changing files; executing files and listing directories is not restricted. Signals are
    /// restricted too, if the kernel supports that.
    /// </summary>
    /// <returns>ENOSYS or EOPNOTSUPP if landlock is not available.</returns>
    public static Errno Create(out LandlockRuleset? ruleset)
    {
        ruleset = null;
        var version = (int)SysCall(SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
        if (version < 0)
            return Errno.Last;
        var rights = ReadFile | WriteFile | ChangeDirectories | (version >= 2 ? Refer : 0) | (version >= 3 ? Truncate : 0);
        var scopesSignals = version >= 6 && LetsThreadsSignal();
        var wanted = new Ruleset { FileRights = rights, Scopes = scopesSignals ? LANDLOCK_SCOPE_SIGNAL : 0 };
        var size = (nuint)(version >= 6 ? 24 : 8);
        var descriptor = (int)SysCall(SYS_landlock_create_ruleset, (nint)(&wanted), size, 0);
        if (descriptor < 0)
            return Errno.Last;
        ruleset = new(descriptor, rights, scopesSignals);
        return Errno.None;
    }

    /// <summary>Allows everything on a file, or on a directory and everything below it. Does not follow a symbolic link.</summary>
    public Errno Allow(string path)
    {
        var entry = Open(path, O_PATH | O_CLOEXEC | NoFollow);
        if (entry < 0)
            return Errno.Last;
        var error = Allow(entry, _rights);
        if (error.Code == LibC.EINVAL)
            error = Allow(entry, _rights & (ReadFile | WriteFile | Truncate));
        _ = LibC.Close(entry);
        return error;
    }

    /// <summary>Enforces the ruleset on the calling thread, and on all programs that it starts from now on. Needs no_new_privs.</summary>
    public Errno Enforce() => Errno.From((int)SysCall(SYS_landlock_restrict_self, _descriptor, 0, 0));

    /// <inheritdoc />
    public void Dispose() => _ = LibC.Close(_descriptor);

    private Errno Allow(int entry, ulong rights)
    {
        var rule = new PathBeneath { Allowed = rights, Parent = entry };
        return Errno.From((int)AddRule(SYS_landlock_add_rule, _descriptor, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
    }

    /// <summary>
    /// Whether erratum 2 is fixed: earlier kernels forbade signals between a restricted thread and the others of its process, which the
    /// runtime needs.
    /// </summary>
    private static bool LetsThreadsSignal() =>
        SysCall(SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_ERRATA) is > 0 and var errata && (errata & 2) != 0;

    private static int NoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SysCall(nint number, nint first, nuint second, nuint third);

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint AddRule(nint number, nint ruleset, nuint type, void* rule, nuint flags);
}
