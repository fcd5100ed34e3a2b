using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Mandos.Client.Hosting;
using Mandos.CommandLine;

namespace Mandos.Client.Runner;

/// <summary>
/// The options of plugin-runner, common to the configuration file and the command line. They are applied in order: of <c>--enable</c> and
/// <c>--disable</c> the last one wins.
/// </summary>
internal sealed class RunnerCommandLine
{
    internal const string Name = RoleNames.PluginRunner;

    private readonly GnuProgram _program = new(
        Name, "Runs the plugins that get the password of this machine's disk; the first password wins.", ExitCode.Usage);

    internal RunnerCommandLine()
    {
        foreach (var option in new Option[]
        {
            PlainOption.Texts("--global-options", "OPTION[,OPTION...]", "Options for all plugins", "-g"),
            PlainOption.Texts("--global-env", "VAR=value", "Environment variable for all plugins", "-G"),
            PlainOption.Texts("--options-for", "PLUGIN:OPTION[,OPTION...]", "Options for one plugin", "-o"),
            PlainOption.Texts("--env-for", "PLUGIN:VAR=value", "Environment variable for one plugin", "-E"),
            PlainOption.Texts("--disable", "PLUGIN", "Do not start this plugin", "-d"),
            PlainOption.Texts("--enable", "PLUGIN", "Start this plugin; overrides --disable", "-e"),
            PlainOption.Texts("--config-file", "FILE", "Configuration file"),
            PlainOption.Texts("--plugin-dir", "DIRECTORY", "Directory of plugins"),
            PlainOption.Texts("--plugin-helper-dir", "DIRECTORY", "Directory of programs that plugins call"),
            PlainOption.Texts("--userid", "ID", "User ID (a number) that plugins run as"),
            PlainOption.Texts("--groupid", "ID", "Group ID (a number) that plugins run as"),
            PlainOption.Flag("--debug", "Print debug output on standard error"),
        })
            _program.Command.Options.Add(option);
        // cryptsetup passes the key field of crypttab to its keyscript; for us the field is empty.
        _program.Command.Arguments.Add(
            new Argument<string?>("ARG") { Arity = ArgumentArity.ZeroOrMore, CustomParser = static _ => null, Hidden = true });
    }

    /// <summary>The names of all options, for the tests of the completion and the manual.</summary>
    internal IEnumerable<string> OptionNames => _program.Command.Options.SelectMany(o => o.Aliases.Append(o.Name));

    /// <summary>
    /// Applies the options. False if there is nothing more to do (help, version: the exit code is 0) or if an option is invalid (any other
    /// exit code); messages go to <paramref name="output"/> and <paramref name="error"/>.
    /// </summary>
    internal bool Apply(IReadOnlyList<string> words, RunnerSettings settings, TextWriter output, TextWriter error, out int exitCode)
    {
        var result = _program.Parse(words, output, error, out exitCode);
        if (result is null)
            return false;
        string? option = null;
        foreach (var token in result.Tokens)
        {
            var problem = token.Type switch
            {
                TokenType.Option when token.Value == "--debug" => Debug(settings),
                TokenType.Option => Begin(token.Value, out option),
                TokenType.Argument when option is null => token.Value.Length == 0 ? null : "too many arguments",
                TokenType.Argument => Set(settings, ref option, token.Value, error),
                _ => null,
            };
            if (problem is null)
                continue;
            _program.Error(error, problem, $"try '{Name} --help'");
            exitCode = ExitCode.Usage;
            return false;
        }

        return true;
    }

    private static string? Debug(RunnerSettings settings)
    {
        settings.Debug = true;
        return null;
    }

    private static string? Begin(string name, out string option)
    {
        option = name;
        return null;
    }

    private string? Set(RunnerSettings settings, ref string? option, string value, TextWriter error)
    {
        var name = option;
        option = null;
        switch (name)
        {
            case "--global-options":
                settings.GlobalOptions.AddRange(value.Split(','));
                break;
            case "--global-env":
                AddVariable(settings.GlobalEnvironment, name, value, error);
                break;
            case "--options-for" when SplitPlugin(value, out var plugin, out var rest, out var problem):
                settings.For(plugin).Options.AddRange(rest.Split(','));
                return problem;
            case "--env-for" when SplitPlugin(value, out var plugin, out var rest, out var problem):
                AddVariable(settings.For(plugin).Environment, name, rest, error);
                return problem;
            case "--options-for" or "--env-for":
                _ = SplitPlugin(value, out _, out _, out var wrong);
                return $"option '{name}': {wrong}";
            case "--disable":
                settings.For(value).Disabled = true;
                break;
            case "--enable":
                settings.For(value).Disabled = false;
                break;
            case "--config-file":
                settings.ConfigFile = value;
                break;
            case "--plugin-dir":
                settings.PluginDirectory = value;
                break;
            case "--plugin-helper-dir":
                settings.HelperDirectory = value;
                break;
            case "--userid":
                settings.User = Id(name, value, settings.User, error);
                break;
            case "--groupid":
                settings.Group = Id(name, value, settings.Group, error);
                break;
        }

        return null;
    }

    private static bool SplitPlugin(string value, out string plugin, out string rest, out string? problem)
    {
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        plugin = colon < 0 ? "" : value[..colon];
        rest = value[(colon + 1)..];
        problem = colon switch
        {
            < 0 => $"no colon in '{value}'",
            0 => "no plugin name before the colon",
            _ => null,
        };
        return problem is null;
    }

    // No program would see this variable; it is not worth falling back to the prompt.
    private void AddVariable(List<KeyValuePair<string, string>> variables, string option, string definition, TextWriter error)
    {
        var equals = definition.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0)
            variables.Add(new(definition[..equals], definition[(equals + 1)..]));
        else
            _program.Error(error, $"option '{option}': '{definition}' is not VAR=value; ignored");
    }

    // Parses an ID. An invalid number does not end the run either, because the machine must boot.
    private uint Id(string option, string text, uint before, TextWriter error)
    {
        if (uint.TryParse(text, NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue)
            return id;
        _program.Error(error, $"option '{option}': invalid number '{text}'; using {before}");
        return before;
    }
}
