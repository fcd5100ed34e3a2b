using Mandos.Core.Secrets;
using Mandos.Keygen.Actions;
using Mandos.Keygen.Disks;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Keys;
using Mandos.Keygen.Programs;
using Mandos.Keygen.Stanzas;

namespace Mandos.Keygen.Commands;

/// <summary>The environment of a command, which tests replace.</summary>
internal sealed record CommandSurroundings
{
    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal that a person reads.</summary>
    public bool Watched { get; init; }

    /// <summary>Whether standard input is a terminal, so that a person can be asked.</summary>
    public bool CanAsk { get; init; }

    /// <summary>Whether this is root.</summary>
    public bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>Environment variables.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    public required TimeProvider Time { get; init; }

    /// <summary>The descriptor of standard input.</summary>
    public int StandardInput { get; init; }

    /// <summary>Asks for a passphrase once, or reads the next line of standard input.</summary>
    public required Func<string, SecretBuffer> AskPassphrase { get; init; }

    /// <summary>Reads the answer to a question.</summary>
    public required Func<string?> ReadAnswer { get; init; }

    public required Func<CancellationToken, Task<string>> HostName { get; init; }

    public required SshKeyScan.Runner KeyScan { get; init; }

    /// <summary>Makes keys in a directory, with a name if one is given.</summary>
    public required Func<string, string?, CancellationToken, Task> MakeKeys { get; init; }

    /// <summary>The number of this boot.</summary>
    public Func<string> BootId { get; init; } = static () => File.ReadAllText(RotationFolder.BootIdFile).Trim();

    public required IPrograms Programs { get; init; }

    public BootDisks Disks { get; init; } = new();

    /// <summary>The rehearsal; null for that of the boot client.</summary>
    public IRehearsal? Rehearsal { get; init; }

    /// <summary>The initramfs images; null for those in /boot.</summary>
    public IInitramfsImages? Images { get; init; }

    /// <summary>The environment of the program; a signal cancels the command, but ends the program during a question.</summary>
    internal static CommandSurroundings Of(KeygenEnvironment environment, Interruption interruption) => new()
    {
        Output = environment.Output,
        Error = environment.Error,
        Watched = environment.Watched,
        CanAsk = environment.CanAsk,
        IsRoot = environment.IsRoot,
        Variable = environment.Variable,
        Time = environment.Time,
        StandardInput = environment.StandardInput,
        AskPassphrase = prompt => interruption.Suspended(() => environment.AskPassphrase(prompt)),
        ReadAnswer = () => interruption.Suspended(environment.ReadAnswer),
        HostName = environment.HostName,
        KeyScan = environment.KeyScan,
        MakeKeys = (directory, name, token) => MakeKeysAsync(environment, directory, name, token),
        Programs = environment.Programs,
    };

    // With the defaults of the options; the progress of the command takes the place of the notes.
    private static async Task MakeKeysAsync(
        KeygenEnvironment environment, string directory, string? name, CancellationToken cancellationToken)
    {
        var (primary, subkey) = OpenPgpKeyType.Choose(null, null, null, null);
        var options = new KeygenOptions
        {
            Directory = directory,
            Name = name,
            Primary = primary,
            Subkey = subkey,
            TlsKeyType = TlsKeyType.Ed25519,
        };
        await new KeyCreation(options, environment with { Watched = false }).RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
