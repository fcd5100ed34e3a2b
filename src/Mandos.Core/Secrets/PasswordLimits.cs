namespace Mandos.Core.Secrets;

/// <summary>How large a password may be on its whole way: keygen, server, client, plugin-runner, and what hands it to the disk.</summary>
public static class PasswordLimits
{
    /// <summary>Most bytes of a password or key file. cryptsetup itself takes key files of up to 8 MiB.</summary>
    public const int Largest = 4 << 20;

    /// <summary>
    /// Most bytes of the OpenPGP message that carries it, which is what the server stores and sends. ASCII armor takes a third
    /// more than the password.
    /// </summary>
    public const int LargestMessage = 2 * Largest;

    /// <summary>The end of an error message about a password that is too large.</summary>
    /// <param name="limit">In bytes.</param>
    public static string Excess(int limit = Largest) => $"more than {limit} bytes, which is the most that a password may have";
}
