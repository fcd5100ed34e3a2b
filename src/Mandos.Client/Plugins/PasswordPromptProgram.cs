using Mandos.Client.Hosting;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Plugins;

/// <summary>The role <c>password-prompt</c>: prompts on the terminal on standard input and prints what the user types.</summary>
internal static class PasswordPromptProgram
{
    internal const string Name = RoleNames.PasswordPrompt;

    private const int StandardInput = 0, StandardError = 2;

    /// <summary>Runs to the end. A signal restores the terminal and ends the process.</summary>
    internal static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var options = PluginCommandLine.OfPasswordPrompt().Parse(arguments, out var exitCode);
        return Task.FromResult(options is null ? exitCode : Run(options));
    }

    private static int Run(PluginOptions options)
    {
        var messages = new Messages(Name, options.Debug);
        if (PlymouthPresence.IsThere())
        {
            messages.Debug?.Invoke("Plymouth is running and has the screen: leaving it to the plugin plymouth");
            return ExitCode.Failure;
        }

        SignalDisposition.IgnoreBrokenPipes();
        var question = new TerminalQuestion(StandardInput, StandardError);
        using var password = question.Ask(DiskPrompt.ForTerminal(options, Environment.GetEnvironmentVariable), out var error);
        if (password is not null)
            return PasswordOutput.Print(password, messages);
        switch (question.Failure)
        {
            case TerminalFailure.NoTerminal:
                messages.Error($"standard input is not a terminal: {error}");
                return ExitCode.Unavailable;
            case TerminalFailure.NoSilence:
                messages.Error($"cannot turn off the terminal's echo: {error}");
                return ExitCode.OsError;
            default:
                messages.Error($"cannot read from the terminal: {error}");
                return ExitCode.IoError;
        }
    }
}
