using System.CommandLine;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Hosting;

namespace Mandos.Control.Commands;

/// <summary>One of the commands beside upstream's options: <c>mandos-ctl list</c>.</summary>
internal abstract class ControlCommand
{
    private protected readonly Option<bool> _json = PlainOption.Flag("--json", "Print JSON (mandos-ctl(8), JSON)");
    private readonly Option<bool> _debug = PlainOption.Flag("--debug", "Print each D-Bus call on stderr");

    /// <param name="name">The name on the command line.</param>
    /// <param name="summary">What it does, for the help.</param>
    private protected ControlCommand(string name, string summary)
    {
        Name = name;
        Summary = summary;
        Program = new GnuProgram(
            $"{ControlBus.Program} {name}", summary, ControlBus.Usage, helpAliases: ["-h"], versionAliases: []);
        Program.Command.Options.Add(_json);
        Program.Command.Options.Add(_debug);
    }

    internal string Name { get; }

    internal string Summary { get; }

    internal GnuProgram Program { get; }

    /// <summary>Parses the arguments after the name, and performs the command; returns the exit code.</summary>
    /// <exception cref="UsageError">The arguments are invalid.</exception>
    /// <exception cref="ControlFailure">It cannot be done.</exception>
    /// <exception cref="BusFailure">The server did not do it.</exception>
    internal async Task<int> RunAsync(
        IReadOnlyList<string> arguments, ControlEnvironment environment, CancellationToken cancellationToken)
    {
        if (Program.Parse(arguments, environment.Output, environment.Error, out var exitCode) is not { } result)
            return exitCode;
        return await RunAsync(new(result, environment, result.GetValue(_json), result.GetValue(_debug)), cancellationToken)
            .ConfigureAwait(false);
    }

    private protected abstract Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken);

    /// <summary>The operands of a command that acts on clients.</summary>
    private protected static Argument<IReadOnlyList<string>> Names(string description) => new("CLIENT")
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = PlainOption.Words,
        DefaultValueFactory = static _ => [],
    };
}

/// <summary>One run of a command.</summary>
/// <param name="Arguments">Its parsed arguments.</param>
/// <param name="Environment">The program's environment.</param>
/// <param name="Json">Whether to print JSON.</param>
/// <param name="Debug">Whether to print D-Bus calls.</param>
internal sealed record CommandRun(ParseResult Arguments, ControlEnvironment Environment, bool Json, bool Debug)
{
    internal TextWriter Output => Environment.Output;

    /// <summary>Connects to the bus.</summary>
    internal Task<ServerConnection> ConnectAsync(CancellationToken cancellationToken) =>
        ControlBus.ConnectAsync(Environment, Debug, cancellationToken);
}
