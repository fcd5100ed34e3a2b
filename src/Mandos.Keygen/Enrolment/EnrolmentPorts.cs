using Mandos.Core.Secrets;
using Mandos.Keygen.Disks;
using Mandos.Keygen.Programs;
using Mandos.Keygen.Servers;
using Mandos.Keygen.Stanzas;

namespace Mandos.Keygen.Enrolment;

/// <summary>What the steps work with; tests have stand-ins.</summary>
internal sealed record EnrolmentPorts
{
    public required IPrograms Programs { get; init; }

    public required BootDisks Disks { get; init; }

    /// <summary>The server; null if the section is printed, or no server was given.</summary>
    public required IClientServer? Server { get; init; }

    public required IRehearsal Rehearsal { get; init; }

    public required IInitramfsImages Images { get; init; }

    /// <summary>Makes keys in a directory.</summary>
    public required Func<string, CancellationToken, Task> MakeKeys { get; init; }

    /// <summary>The number of this boot, which is another one after each boot.</summary>
    public required Func<string> BootId { get; init; }

    /// <summary>Asks for a passphrase on the terminal, or reads the next line of standard input.</summary>
    public required Func<string, SecretBuffer> AskPassphrase { get; init; }

    /// <summary>Whether a person can be asked again.</summary>
    public required bool CanAsk { get; init; }

    public required Func<CancellationToken, Task<string>> HostName { get; init; }

    public required SshKeyScan.Runner KeyScan { get; init; }

    /// <summary>Standard output, for a section to paste.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>The descriptor of standard input.</summary>
    public required int StandardInput { get; init; }

    public required TimeProvider Time { get; init; }
}
