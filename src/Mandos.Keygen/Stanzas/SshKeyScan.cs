namespace Mandos.Keygen.Stanzas;

/// <summary>Requests the key of this host's SSH server, in the same way as the checker on the Mandos server.</summary>
internal static class SshKeyScan
{
    private static readonly string[] Types = ["ecdsa-sha2-nistp256", "ed25519", "rsa"];

    /// <summary>Runs a program and returns its output; null if it cannot be run.</summary>
    public delegate Task<string?> Runner(IReadOnlyList<string> arguments, CancellationToken cancellationToken);

    /// <summary>Returns the first key of any type, first with <c>-q</c>, then without. Null if no server answers.</summary>
    public static async Task<SshHostKey?> FindAsync(Runner keyScan, CancellationToken cancellationToken)
    {
        foreach (var quiet in new[] { true, false })
        {
            foreach (var type in Types)
            {
                string[] arguments = quiet ? ["-q", "-t", type, "localhost"] : ["-t", type, "localhost"];
                if (await keyScan(arguments, cancellationToken).ConfigureAwait(false) is not { } output)
                    return null;
                if (SshHostKey.Parse(output, type, quiet) is { } key)
                    return key;
            }
        }

        return null;
    }
}
