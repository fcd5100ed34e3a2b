using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Hosting;

namespace Mandos.Keygen.Commands;

/// <summary>One of the commands beside upstream's options: <c>mandos-keygen doctor</c>.</summary>
internal abstract class Subcommand
{
    /// <param name="name">The name on the command line.</param>
    /// <param name="summary">What it does, for the help.</param>
    /// <param name="failure">The exit code for an invalid command line, and for anything that prevents the command.</param>
    private protected Subcommand(string name, string summary, int failure)
    {
        Name = name;
        Summary = summary;
        Failure = failure;
        Program = new GnuProgram($"mandos-keygen {name}", summary, failure, helpAliases: ["-h"], versionAliases: []);
    }

    internal string Name { get; }

    internal string Summary { get; }

    /// <summary>The exit code when the command could not be performed.</summary>
    internal int Failure { get; }

    /// <summary>The command line; the options and operands are added there.</summary>
    internal GnuProgram Program { get; }

    /// <summary>Parses the arguments after the name, and performs the command; returns the exit code.</summary>
    /// <exception cref="KeygenException">It cannot be performed.</exception>
    internal async Task<int> RunAsync(
        IReadOnlyList<string> arguments, KeygenEnvironment environment, CancellationToken cancellationToken)
    {
        if (Program.Parse(arguments, environment.Output, environment.Error, out var exitCode) is not { } result)
            return exitCode;
        return await RunAsync(result, environment, cancellationToken).ConfigureAwait(false);
    }

    private protected abstract Task<int> RunAsync(
        ParseResult arguments, KeygenEnvironment environment, CancellationToken cancellationToken);
}
