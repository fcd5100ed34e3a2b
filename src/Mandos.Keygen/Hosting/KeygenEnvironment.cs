using Mandos.Core.Secrets;
using Mandos.Keygen.Passwords;
using Mandos.Keygen.Programs;
using Mandos.Keygen.Stanzas;

namespace Mandos.Keygen.Hosting;

/// <summary>The program's environment, which tests replace.</summary>
internal sealed record KeygenEnvironment
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly IPrograms Installed = new InstalledPrograms(TimeProvider.System);

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal that a person reads.</summary>
    public bool Watched { get; init; }

    /// <summary>Whether <see cref="Output"/> is a terminal.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Environment variables.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Whether to print with colours (https://no-color.org).</summary>
    public bool HasColors =>
        IsTerminal && string.IsNullOrEmpty(Variable("NO_COLOR")) && Variable("TERM") is { Length: > 0 } and not "dumb";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The descriptor of standard input.</summary>
    public int StandardInput { get; init; }

    /// <summary>Whether the program can read what only root can.</summary>
    public bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>The directory that the files of the machine are in; empty for its root.</summary>
    public string Root { get; init; } = "";

    /// <summary>The free space, in bytes, of the file system of a directory.</summary>
    public Func<string, long> FreeSpace { get; init; } = static directory => new DriveInfo(directory).AvailableFreeSpace;

    public Func<SecretBuffer> AskPassword { get; init; } = PasswordTerminal.Ask;

    /// <summary>Whether standard input is a terminal, so that a person can be asked.</summary>
    public bool CanAsk { get; init; }

    /// <summary>Asks for a passphrase once.</summary>
    public Func<string, SecretBuffer> AskPassphrase { get; init; } = PasswordTerminal.AskOnce;

    /// <summary>Reads the answer to a question.</summary>
    public Func<string?> ReadAnswer { get; init; } = PasswordTerminal.ReadAnswer;

    /// <summary>The programs of this machine.</summary>
    public IPrograms Programs { get; init; } = Installed;

    public SshKeyScan.Runner KeyScan { get; init; } = static (arguments, cancellationToken) =>
        AskAsync(new("ssh-keyscan", arguments), cancellationToken);

    public Func<CancellationToken, Task<string>> HostName { get; init; } = FindHostNameAsync;

    // The full name if it is known, otherwise the short one, as in upstream.
    private static async Task<string> FindHostNameAsync(CancellationToken cancellationToken)
    {
        var full = await AskAsync(new("hostname", "--fqdn"), cancellationToken).ConfigureAwait(false);
        return full?.Trim() is { Length: > 0 } name ? name : Environment.MachineName;
    }

    private static async Task<string?> AskAsync(ProgramCall call, CancellationToken cancellationToken) =>
        (await Installed.TryRunAsync(call with { Limit = Patience }, cancellationToken).ConfigureAwait(false))?.Output;
}
