using System.Runtime.InteropServices;
using Mandos.Core.Linux;

namespace Mandos.Core.Secrets;

/// <summary>
/// Secrets that the kernel stores, in the keyring of the user that this process runs as (keyrings(7)): in no file and no process, never
/// swapped out, and wiped by the kernel when they are removed or expire. Only that user's processes can read them.
/// </summary>
public static unsafe partial class KernelKey
{
    /// <summary>The longest secret that the kernel accepts (<c>user</c> keys of keyrings(7)).</summary>
    public const int Longest = 32767;

    private static readonly SystemCall AddKeyNumber = new("add_key", X64: 248, Arm64: 217);
    private static readonly SystemCall Keyctl = new("keyctl", X64: 250, Arm64: 219);
    private const int KEY_SPEC_USER_KEYRING = -4;
    private const int KEYCTL_REVOKE =
        3, KEYCTL_SETPERM = 5, KEYCTL_UNLINK = 9, KEYCTL_SEARCH = 10, KEYCTL_READ = 11, KEYCTL_SET_TIMEOUT = 15;

    // All permissions for possessors and for the user: the session keyring of a process must make no difference.
    private const int UserAlone = 0x3f3f0000;

    /// <summary>Stores a secret until a time limit, replacing the one of that name. ENOSYS: this kernel has no keyrings.</summary>
    /// <param name="name">The name, by convention <c>program:word</c>.</param>
    /// <param name="secret">At least one byte, at most <see cref="Longest"/>.</param>
    /// <param name="limit">After this time the kernel removes the secret; in whole seconds.</param>
    public static Errno Keep(string name, ReadOnlySpan<byte> secret, TimeSpan limit)
    {
        // An expired key would remain expired with a new secret.
        _ = Forget(name);
        nint key;
        fixed (byte* start = secret)
            key = AddKey(AddKeyNumber.Number, "user", name, start, (nuint)secret.Length, KEY_SPEC_USER_KEYRING);
        if (key < 0)
            return Errno.Last;
        if (KeyCtl(Keyctl.Number, KEYCTL_SETPERM, key, UserAlone, 0) >= 0
            && KeyCtl(Keyctl.Number, KEYCTL_SET_TIMEOUT, key, (nint)limit.TotalSeconds, 0) >= 0)
            return Errno.None;
        var error = Errno.Last;
        Remove(key);
        return error;
    }

    /// <summary>Returns a copy of the secret of that name; null if there is none or it has expired. The caller owns it.</summary>
    public static SecretBuffer? Read(string name)
    {
        var key = Find(name);
        if (key < 0)
            return null;
        var secret = new SecretBuffer(Longest);
        fixed (byte* start = secret.Free)
        {
            var length = KeyCtl(Keyctl.Number, KEYCTL_READ, key, (nint)start, secret.Free.Length);
            if (length >= 0 && length <= secret.Free.Length)
            {
                secret.Advance((int)length);
                return secret;
            }
        }

        secret.Dispose();
        return null;
    }

    /// <summary>Makes the kernel wipe the secret of that name; false if there is none.</summary>
    public static bool Forget(string name)
    {
        var key = Find(name);
        if (key < 0)
            return false;
        Remove(key);
        return true;
    }

    // Revoking a key wipes its content immediately; an unlinked key waits for the kernel's garbage collection.
    private static void Remove(nint key)
    {
        _ = KeyCtl(Keyctl.Number, KEYCTL_REVOKE, key, 0, 0);
        _ = KeyCtl(Keyctl.Number, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING, 0);
    }

    private static nint Find(string name) => SearchKey(Keyctl.Number, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", name, 0);

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint AddKey(nint number, string type, string description, byte* payload, nuint length, nint keyring);

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint SearchKey(nint number, nint operation, nint keyring, string type, string description, nint destination);

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint KeyCtl(nint number, nint operation, nint second, nint third, nint fourth);
}
