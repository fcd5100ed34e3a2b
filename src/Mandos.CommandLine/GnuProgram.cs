using System.CommandLine;
using System.CommandLine.Help;

namespace Mandos.CommandLine;

/// <summary>
/// What the command lines of all programs have in common: GNU argument syntax, <c>--help</c>, <c>--usage</c>, <c>--version</c>, and one
/// format for errors.
/// </summary>
/// <remarks>
/// Rules of the user interface: answers go to stdout; diagnostics go to stderr as <c>name: error: what happened</c>, lower case, no full
/// stop, with <c>hint: what to do</c> on its own line where there is something to do.
/// </remarks>
public sealed class GnuProgram
{
    private readonly Option<bool> _help = PlainOption.Flag("--help", "Give this help list");
    private readonly Option<bool> _usage = PlainOption.Flag("--usage", "Give a short usage message");
    private readonly Option<bool> _version = PlainOption.Flag("--version", "Print program version");

    /// <summary>
    /// Creates a program, or a command of one (<c>mandos-ctl list</c>), with its name, its description and its documented exit codes for
    /// usage errors and for help.
    /// </summary>
    public GnuProgram(
        string name, string description, int usageError, int helpExit = 0, string[]? helpAliases = null, string[]? versionAliases = null)
    {
        Name = name;
        UsageError = usageError;
        HelpExit = helpExit;
        var own = name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        Command = new Command(own, description) { TreatUnmatchedTokensAsErrors = true };
        // A command of a program: the help has the name of the program before it.
        if (own.Length < name.Length)
            _ = new Command(name[..^(own.Length + 1)]) { Command };
        foreach (var alias in helpAliases ?? ["-?"])
            _help.Aliases.Add(alias);
        foreach (var alias in versionAliases ?? ["-V"])
            _version.Aliases.Add(alias);
    }

    /// <summary>The name used in messages.</summary>
    public string Name { get; }

    /// <summary>The exit code for an invalid command line.</summary>
    public int UsageError { get; }

    /// <summary>The exit code after help and version.</summary>
    public int HelpExit { get; }

    /// <summary>Options and operands are added here.</summary>
    public Command Command { get; }

    /// <summary>The text of <c>--version</c>.</summary>
    public string VersionText { get; init; } = $"{ProgramVersion.Value}";

    /// <summary>
    /// The text before the name in the output of <c>--version</c>; plugins of early boot state there that they are plugins.
    /// </summary>
    public string VersionPrefix { get; init; } = "";

    /// <summary>Other names of options, which are accepted but not shown in the help.</summary>
    public IReadOnlyList<string> HiddenNames { get; init; } = [];

    /// <summary>
    /// Parses the command line. Null if everything has been printed (help, version, an error) and the program exits with
    /// <paramref name="exitCode"/>.
    /// </summary>
    public ParseResult? Parse(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, out int exitCode)
    {
        if (!Command.Options.Contains(_help))
        {
            Command.Options.Add(_help);
            Command.Options.Add(_usage);
            Command.Options.Add(_version);
        }

        exitCode = UsageError;
        var normalized = GnuArguments.Normalize(Command, arguments);
        if (normalized.Error is not null)
            return Refuse(error, normalized.Error);
        var result = Command.Parse(
            normalized.Arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (result.GetValue(_help) || result.GetValue(_usage) || result.GetValue(_version))
        {
            exitCode = HelpExit;
            if (result.GetValue(_version))
                output.WriteLine($"{VersionPrefix}{Name} {VersionText}");
            else
                WriteHelp(output, brief: !result.GetValue(_help));
            return null;
        }

        if (result.Errors.Count > 0)
            return Refuse(error, result.Errors[0].Message);
        exitCode = 0;
        return result;
    }

    /// <summary>Prints an error in the project's format.</summary>
    public void Error(TextWriter error, string message, string? hint = null)
    {
        error.WriteLine($"{Name}: error: {message}");
        if (hint is not null)
            error.WriteLine($"hint: {hint}");
    }

    private ParseResult? Refuse(TextWriter error, string message)
    {
        // The parser's own messages are full sentences.
        Error(error, char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.'), $"try '{Name} --help'");
        return null;
    }

    private void WriteHelp(TextWriter output, bool brief)
    {
        if (brief)
        {
            output.WriteLine($"Usage: {Name} {string.Join(' ', Command.Options.Where(o => !o.Hidden).Select(Bracketed))}");
            return;
        }

        foreach (var name in HiddenNames)
        {
            foreach (var option in Command.Options)
                option.Aliases.Remove(name);
        }

        // Set only now: an action would end the parsing that must come first.
        _help.Action = new HelpAction();
        Command.Parse([_help.Name]).Invoke(new InvocationConfiguration { Output = output });
    }

    private static string Bracketed(Option option) =>
        option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool)
            ? $"[{option.Name}={option.HelpName ?? "VALUE"}]"
            : $"[{option.Name}]";
}
