using System.CommandLine;
using Mandos.Client.Hosting;
using Mandos.CommandLine;

namespace Mandos.Client.Plugins;

/// <summary>
/// The command line of a plugin. Help and version exit with the code for a wrong command line, so that plugin-runner does not take
/// their text for a password.
/// </summary>
internal sealed class PluginCommandLine
{
    private readonly GnuProgram _program;
    private readonly Option<string?>? _prompt;
    private readonly Option<string?>? _prefix;
    private readonly Option<bool> _debug = PlainOption.Flag("--debug", "Print debug output on standard error");
    private readonly bool _passesOver;

    private PluginCommandLine(string name, string description, bool asks, bool hasPrefix = false)
    {
        _program = new GnuProgram(name, description, ExitCode.Usage, ExitCode.Usage);
        _passesOver = !asks;
        if (asks)
            _program.Command.Options.Add(_prompt = PlainOption.Text("--prompt", "PROMPT", "The prompt to show"));
        if (hasPrefix)
            _program.Command.Options.Add(_prefix = PlainOption.Text("--prefix", "PREFIX", "Prefix shown before the prompt", "-p"));
        _program.Command.Options.Add(_debug);
    }

    /// <summary>The names of all options, for the completion and the manual to be checked against.</summary>
    internal IEnumerable<string> OptionNames => _program.Command.Options.SelectMany(option => option.Aliases.Append(option.Name));

    /// <summary>That of password-prompt.</summary>
    internal static PluginCommandLine OfPasswordPrompt() =>
        new(PasswordPromptProgram.Name, "Asks for the password of this machine's disk on the terminal.", asks: true, hasPrefix: true);

    /// <summary>That of plymouth.</summary>
    internal static PluginCommandLine OfPlymouth() =>
        new(PlymouthProgram.Name, "Asks for the password of this machine's disk on the splash screen of Plymouth.", asks: true);

    /// <summary>
    /// That of askpass-fifo. The original's takes whatever stands there, so that options meant for all plugins do not end
    /// it: what is unknown is passed over here, too.
    /// </summary>
    internal static PluginCommandLine OfAskpassFifo() =>
        new(AskpassFifoProgram.Name, "Prints the password that is written to the FIFO of cryptsetup's askpass.", asks: false);

    /// <summary>Null means that everything has been said already and that <paramref name="exitCode"/> is how the program ends.</summary>
    internal PluginOptions? Parse(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, out int exitCode)
    {
        if (_passesOver)
            arguments = [.. arguments.Where(word => word is "--debug" or "--help" or "-?" or "--usage" or "--version" or "-V")];
        var result = _program.Parse(arguments, output, error, out exitCode);
        return result is null
            ? null
            : new PluginOptions(
                _prompt is null ? null : result.GetValue(_prompt), _prefix is null ? null : result.GetValue(_prefix),
                result.GetValue(_debug));
    }

    /// <summary>The same, with what there is to say said on the standard streams.</summary>
    internal PluginOptions? Parse(IReadOnlyList<string> arguments, out int exitCode) =>
        RoleHost.Parse(_program.Name, (output, error, out code) => Parse(arguments, output, error, out code), out exitCode);
}

/// <summary>Options of a plugin that asks.</summary>
/// <param name="Prompt">What to show; null for a text about the disk.</param>
/// <param name="Prefix">What to show before it.</param>
/// <param name="Debug">True to print what happens.</param>
internal sealed record PluginOptions(string? Prompt, string? Prefix, bool Debug);
