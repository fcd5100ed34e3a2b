using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Programs;

/// <summary>One run of another program.</summary>
/// <param name="Program">Its name, which is searched in PATH and the directories for administration, or its path.</param>
/// <param name="Arguments">Its arguments; other users can see them, so they never contain a secret.</param>
internal sealed record ProgramCall(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>What it reads on standard input; not for secrets.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Secrets that it reads from pipes, and the number of the descriptor for each; the caller keeps them.</summary>
    public IReadOnlyList<(int Descriptor, SecretBuffer Content)> Secrets { get; init; } = [];

    /// <summary>The time limit.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>What another program did.</summary>
/// <param name="ExitCode">Its exit code, or 128 and the number of the signal that ended it.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record ProgramResult(int ExitCode, string Output = "", string Errors = "")
{
    public bool Success => ExitCode == 0;

    /// <summary>The last line that it printed on standard error, or on standard output; for messages.</summary>
    public string LastLine =>
        Lines(Errors).LastOrDefault() ?? Lines(Output).LastOrDefault() ?? $"exit status {ExitCode}";

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(line => string.Concat(line.Where(character => !char.IsControl(character))).Trim())
            .Where(line => line.Length > 0);
}

/// <summary>Runs other programs; tests have a stand-in.</summary>
internal interface IPrograms
{
    /// <summary>Whether a program is installed.</summary>
    bool Has(string program);

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="KeygenException">It is not installed, cannot be started or takes too long.</exception>
    Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellationToken);

    /// <summary>The same for a program whose absence is an answer, too: null if it cannot be run or takes too long.</summary>
    async Task<ProgramResult?> TryRunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (KeygenException)
        {
            return null;
        }
    }
}
