using System.CommandLine;
using Mandos.Client.Hosting;
using Mandos.CommandLine;

namespace Mandos.Client.Plugins;

/// <summary>
/// The command line of a plugin. Help and version exit with the code for an invalid command line, so that plugin-runner does not use their
/// text as a password.
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

    /// <summary>The names of all options, for the tests of the completion and the manual.</summary>
    internal IEnumerable<string> OptionNames => _program.Command.Options.SelectMany(option => option.Aliases.Append(option.Name));

    /// <summary>Creates the command line of password-prompt.</summary>
    internal static PluginCommandLine OfPasswordPrompt() =>
        new(PasswordPromptProgram.Name, "Asks for the password of this machine's disk on the terminal.", asks: true, hasPrefix: true);

    /// <summary>Creates the command line of plymouth.</summary>
    internal static PluginCommandLine OfPlymouth() =>
        new(PlymouthProgram.Name, "Asks for the password of this machine's disk on the splash screen of Plymouth.", asks: true);

    /// <summary>
    /// Creates the command line of askpass-fifo. Like upstream's, it ignores unknown arguments, so that options that are meant for all
    /// plugins do not stop it.
    /// </summary>
    internal static PluginCommandLine OfAskpassFifo() =>
        new(AskpassFifoProgram.Name, "Prints the password that is written to the FIFO of cryptsetup's askpass.", asks: false);

    /// <summary>
    /// Parses the command line. Null if everything has been printed and the program exits with <paramref name="exitCode"/>.
    /// </summary>
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

    /// <summary>Parses the command line and prints messages on the standard streams.</summary>
    internal PluginOptions? Parse(IReadOnlyList<string> arguments, out int exitCode) =>
        RoleHost.Parse(_program.Name, (output, error, out code) => Parse(arguments, output, error, out code), out exitCode);
}

/// <summary>The options of a plugin that prompts.</summary>
/// <param name="Prompt">The prompt; null for a text about the disk.</param>
/// <param name="Prefix">The text before the prompt.</param>
/// <param name="Debug">Whether to print debug messages.</param>
internal sealed record PluginOptions(string? Prompt, string? Prefix, bool Debug);
