using System.CommandLine;
using System.CommandLine.Parsing;
using Mandos.CommandLine;
using Mandos.Control.Hosting;

namespace Mandos.Control.Actions;

/// <summary>The options of upstream's mandos-ctl.</summary>
internal sealed class ControlOptions
{
    private readonly Option<bool> _all = PlainOption.Flag("--all", "Select all clients; needs an option that acts on them", "-a");
    private readonly Option<bool> _verbose = PlainOption.Flag("--verbose", "Print all columns", "-v");
    private readonly Option<bool> _dumpJson = PlainOption.Flag("--dump-json", "Print all properties as JSON", "-j");
    private readonly Option<bool> _debug = PlainOption.Flag("--debug", "Print each D-Bus call on stderr");
    private readonly Option<bool> _check = PlainOption.Flag("--check", "Test whether the program works here, and exit");
    private readonly Argument<IReadOnlyList<string>> _names = new("CLIENT")
    {
        Description = "Names of clients; default: all of them",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = PlainOption.Words,
        DefaultValueFactory = static _ => [],
    };

    private readonly Dictionary<string, Func<string, ClientAction>> _actions = [];

    /// <summary>Adds the options to a command.</summary>
    internal ControlOptions(Command command)
    {
        command.Arguments.Add(_names);
        foreach (var option in new[] { _all, _verbose, _dumpJson })
            command.Options.Add(option);
        Flag("--enable", "Enable", new SetAction("Enabled", true), "-e");
        Flag("--disable", "Disable", new SetAction("Enabled", false), "-d");
        Flag("--bump-timeout", "Let the timeout begin again, as a successful check does", new SetAction("LastCheckedOK", ""), "-b");
        Flag("--start-checker", "Start a check", new SetAction("CheckerRunning", true));
        Flag("--stop-checker", "Stop a running check", new SetAction("CheckerRunning", false));
        Flag("--is-enabled", "Exit with 0 if the client is enabled, otherwise with 1", new IsEnabledAction(), "-V");
        Flag("--remove", "Remove", new RemoveAction(), "-r");
        Text("--checker", "COMMAND", "Set the command that checks the client", text => new SetAction("Checker", text), "-c");
        Span("--timeout", "Set the time without a successful check after which the client is disabled", "Timeout", "-t");
        Span("--extended-timeout", "Set the timeout after a delivery", "ExtendedTimeout");
        Span("--interval", "Set the time between checks", "Interval", "-i");
        Flag("--approve-by-default", "Approve if no operator decides", new SetAction("ApprovedByDefault", true));
        Flag("--deny-by-default", "Deny if no operator decides", new SetAction("ApprovedByDefault", false));
        Span("--approval-delay", "Set the time that an operator has for the decision", "ApprovalDelay");
        Span("--approval-duration", "Set the time for which a decision is valid", "ApprovalDuration");
        Text("--host", "STRING", "Set the host name or address that is checked", text => new SetAction("Host", text), "-H");
        Text("--secret", "FILE", "Set the secret to the content of FILE; - is standard input", SecretFile.Read, "-s");
        Flag("--approve", "Approve a pending request, or one that comes soon", new DecideAction(true), "-A");
        Flag("--deny", "Deny a pending request, or one that comes soon", new DecideAction(false), "-D");
        command.Options.Add(_debug);
        command.Options.Add(_check);

        void Flag(string name, string description, ClientAction action, params string[] aliases)
        {
            command.Options.Add(PlainOption.Flag(name, description, aliases));
            _actions.Add(name, _ => action);
        }

        void Text(string name, string valueName, string description, Func<string, ClientAction> make, params string[] aliases)
        {
            command.Options.Add(PlainOption.Text(name, valueName, description, aliases));
            _actions.Add(name, make);
        }

        void Span(string name, string description, string property, params string[] aliases) => Text(
            name, "TIME", description, text => new SetAction(property, Values.Duration(text, $"option '{name}'")), aliases);
    }

    /// <summary>Reads the parsed command line.</summary>
    /// <exception cref="UsageError">Options cannot be combined, or a value is invalid.</exception>
    internal ControlRequest Read(ParseResult result)
    {
        var actions = new List<(string Option, ClientAction Action)>();
        for (var i = 0; i < result.Tokens.Count; i++)
        {
            var token = result.Tokens[i];
            if (token.Type != TokenType.Option || !_actions.TryGetValue(token.Value, out var make))
                continue;
            var value = i + 1 < result.Tokens.Count && result.Tokens[i + 1].Type == TokenType.Argument ? result.Tokens[i + 1].Value : "";
            actions.Add((token.Value, make(value)));
        }

        var request = new ControlRequest
        {
            Names = result.GetValue(_names) ?? [],
            All = result.GetValue(_all),
            Verbose = result.GetValue(_verbose),
            Json = result.GetValue(_dumpJson),
            Debug = result.GetValue(_debug),
            Check = result.GetValue(_check),
            Actions = [.. actions.Select(action => action.Action)],
        };
        ControlRules.Check(request, [.. actions.Select(action => action.Option)]);
        return request with { Actions = ControlRules.Order(request.Actions) };
    }
}
