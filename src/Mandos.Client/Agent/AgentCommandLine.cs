using System.CommandLine;
using System.Globalization;
using Mandos.Client.CommandLine;
using Mandos.Client.Hosting;
using Mandos.CommandLine;

namespace Mandos.Client.Agent;

/// <summary>
/// The command line of password-agent: upstream's options, <c>--any-id</c>, <c>--linger</c> and <c>--debug</c>. As in every GNU program,
/// options may also follow the client's name; everything after <c>--</c> belongs to the client.
/// </summary>
internal sealed class AgentCommandLine
{
    /// <summary>The program's name.</summary>
    internal const string Name = RoleNames.PasswordAgent;

    private readonly GnuProgram _program = new(
        Name, "Answers systemd's password questions for disks with the output of a Mandos client.", ExitCode.Usage)
    {
        HiddenNames = ["--plugin-helper-dir", "--userid", "--groupid"],
    };

    private readonly Option<string?> _agentDirectory = PlainOption.Text(
        "--agent-directory", "DIRECTORY", "Where questions appear (/run/systemd/ask-password)", "-d");
    private readonly Option<string?> _helperDirectory = PlainOption.Text(
        "--helper-directory", "DIRECTORY", "Directory of helper programs of the client (/lib/mandos/plugin-helpers)",
        "--plugin-helper-dir");
    private readonly Option<string?> _user = PlainOption.Text("--user", "USERID", "User ID the client runs as (65534)", "-u", "--userid");
    private readonly Option<string?> _group = PlainOption.Text(
        "--group", "GROUPID", "Group ID the client runs as (65534)", "-g", "--groupid");
    private readonly Option<bool> _anyId = PlainOption.Flag("--any-id", "Answer all questions, not only those for passwords of disks");
    private readonly Option<string?> _linger = PlainOption.Text("--linger", "SECONDS", "How long to stay after the last answer (120)");
    private readonly Option<bool> _test = PlainOption.Flag("--test", "Only run the self-test");
    private readonly Option<bool> _debug = PlainOption.Flag("--debug", "Print debug output on standard error");
    private readonly Argument<IReadOnlyList<string>> _client = new("CLIENT")
    {
        Description = "The client and its arguments (/lib/mandos/plugins.d/mandos-client)",
        CustomParser = static result => PlainOption.Words(result),
        DefaultValueFactory = static _ => [],
        Arity = ArgumentArity.ZeroOrMore,
    };

    internal AgentCommandLine()
    {
        foreach (var option in new Option[] { _agentDirectory, _helperDirectory, _user, _group, _anyId, _linger, _test, _debug })
            _program.Command.Options.Add(option);
        _program.Command.Arguments.Add(_client);
    }

    /// <summary>The names of all options, for the tests of the completion and the manual.</summary>
    internal IEnumerable<string> OptionNames => _program.Command.Options.SelectMany(o => o.Aliases.Append(o.Name));

    /// <summary>
    /// Parses the command line. Null if everything has been printed and the program exits with <paramref name="exitCode"/>.
    /// </summary>
    internal AgentOptions? Parse(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, out int exitCode)
    {
        var result = _program.Parse(arguments, output, error, out exitCode);
        if (result is null)
            return null;
        var defaults = new AgentOptions();
        if (ReadId(_user, result, out var user, out var problem) && ReadId(_group, result, out var group, out problem)
            && ReadLinger(result, defaults.Linger, out var linger, out problem))
        {
            var client = result.GetValue(_client)!;
            return new AgentOptions
            {
                AgentDirectory = result.GetValue(_agentDirectory) ?? defaults.AgentDirectory,
                HelperDirectory = result.GetValue(_helperDirectory) ?? defaults.HelperDirectory,
                User = user,
                Group = group,
                AnyId = result.GetValue(_anyId),
                Linger = linger,
                Test = result.GetValue(_test),
                Debug = result.GetValue(_debug),
                Client = client.Count > 0 ? client : defaults.Client,
            };
        }

        exitCode = _program.UsageError;
        _program.Error(error, problem, $"try '{_program.Name} --help'");
        return null;
    }

    /// <summary>Parses an ID; 0 is refused, because the client's unprivileged process must not be root.</summary>
    private static bool ReadId(Option<string?> option, ParseResult result, out uint id, out string problem)
    {
        problem = "";
        id = new AgentOptions().User;
        if (result.GetValue(option) is not { } text)
            return true;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id is not (0 or uint.MaxValue))
            return true;
        problem = $"option '{option.Name}': invalid number '{text}'";
        return false;
    }

    private bool ReadLinger(ParseResult result, TimeSpan byDefault, out TimeSpan linger, out string problem)
    {
        problem = "";
        linger = byDefault;
        if (result.GetValue(_linger) is not { } text || Seconds.TryParse(text, out linger))
            return true;
        problem = $"option '{_linger.Name}': invalid number of seconds '{text}'";
        return false;
    }
}
