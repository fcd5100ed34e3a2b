using Mandos.Core.Secrets;
using Mandos.Keygen.Passwords;
using Mandos.Keygen.Stanzas;

namespace Mandos.Keygen;

/// <summary>What the program meets outside itself; tests put their own in place.</summary>
internal sealed record KeygenEnvironment
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>A person reads <see cref="Error"/>.</summary>
    public bool Watched { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The descriptor of standard input.</summary>
    public int StandardInput { get; init; }

    public Func<SecretBuffer> AskPassword { get; init; } = PasswordTerminal.Ask;

    public SshKeyScan.Runner KeyScan { get; init; } = new ExternalProgram("ssh-keyscan", Patience, TimeProvider.System).AskAsync;

    public Func<CancellationToken, Task<string>> HostName { get; init; } = FindHostNameAsync;

    // The full name where it is known, else the short one, as the original.
    private static async Task<string> FindHostNameAsync(CancellationToken cancellationToken)
    {
        var full = await new ExternalProgram("hostname", Patience, TimeProvider.System)
            .AskAsync(["--fqdn"], cancellationToken)
            .ConfigureAwait(false);
        return full?.Trim() is { Length: > 0 } name ? name : Environment.MachineName;
    }
}
