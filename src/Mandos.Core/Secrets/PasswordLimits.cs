namespace Mandos.Core.Secrets;

/// <summary>
/// The size limits of passwords in all programs: keygen, server, client, plugin-runner, and those that pass it to the disk.
/// </summary>
public static class PasswordLimits
{
    /// <summary>The largest password or key file in bytes. cryptsetup itself accepts key files of up to 8 MiB.</summary>
    public const int Largest = 4 << 20;

    /// <summary>
    /// The largest OpenPGP message with a password in bytes, which is what the server stores and sends. ASCII armor adds a third to the
    /// size of the password.
    /// </summary>
    public const int LargestMessage = 2 * Largest;

    /// <summary>The end of an error message about a password that is too large.</summary>
    /// <param name="limit">The limit in bytes.</param>
    public static string Excess(int limit = Largest) => $"more than {limit} bytes, which is the most that a password may have";
}
