using Mandos.Core.Secrets;
using Mandos.Keygen.Passwords;
using Mandos.Keygen.Stanzas;

namespace Mandos.Keygen;

/// <summary>The program's environment, which tests replace.</summary>
internal sealed record KeygenEnvironment
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal that a person reads.</summary>
    public bool Watched { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The descriptor of standard input.</summary>
    public int StandardInput { get; init; }

    public Func<SecretBuffer> AskPassword { get; init; } = PasswordTerminal.Ask;

    public SshKeyScan.Runner KeyScan { get; init; } = new ExternalProgram("ssh-keyscan", Patience, TimeProvider.System).AskAsync;

    public Func<CancellationToken, Task<string>> HostName { get; init; } = FindHostNameAsync;

    // The full name if it is known, otherwise the short one, as in upstream.
    private static async Task<string> FindHostNameAsync(CancellationToken cancellationToken)
    {
        var full = await new ExternalProgram("hostname", Patience, TimeProvider.System)
            .AskAsync(["--fqdn"], cancellationToken)
            .ConfigureAwait(false);
        return full?.Trim() is { Length: > 0 } name ? name : Environment.MachineName;
    }
}
