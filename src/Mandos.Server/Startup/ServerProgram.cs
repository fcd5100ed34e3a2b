using Mandos.Configuration;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Text;
using Mandos.Server.Configuration;
using Mandos.Server.Exit;
using Mandos.Server.Logging;
using Mandos.Server.SelfTest;

namespace Mandos.Server.Startup;

/// <summary>
/// <c>mandos</c> from the command line to the exit code: 0 after a clean stop, 1 if it cannot start or the configuration has a problem, 2
/// for an invalid command line.
/// </summary>
internal static class ServerProgram
{
    internal const string SystemLog = "/dev/log";

    /// <param name="arguments">The command line.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="privileged">The thread for privileged work.</param>
    /// <param name="ownsProcess">Whether the process runs only this program, and may change its user to try checkers.</param>
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, TextWriter output, TextWriter error, PrivilegedThread privileged, bool ownsProcess = false)
    {
        var syntax = new ServerCommandLine();
        try
        {
            return await RunAsync(syntax, arguments, output, error, privileged, ownsProcess).ConfigureAwait(false);
        }
        catch (StartupException e)
        {
            syntax.Program.Error(error, PrintableText.Of(e.Message), e.Hint);
            return ExitCodes.Failure;
        }
        catch (Exception e)
        {
            // An internal error: one line, no core file with secrets in it.
            syntax.Program.Error(error, PrintableText.Of($"internal error: {SystemFailure.Reason(e)}"), "please report this");
            return ExitCodes.Failure;
        }
    }

    private static async Task<int> RunAsync(
        ServerCommandLine syntax, IReadOnlyList<string> arguments, TextWriter output, TextWriter error, PrivilegedThread privileged,
        bool ownsProcess)
    {
        var problems = new List<ConfigurationProblem>();
        CommandLineSettings commandLine;
        ServerSettings settings;
        try
        {
            if (syntax.Parse(arguments, output, error, out var exitCode) is not { } parsed)
                return exitCode;
            if (parsed.CheckSelf)
                return await SelfTestRun.RunAsync(SelfTestRun.Parts, output).ConfigureAwait(false);
            commandLine = parsed with { Activated = SocketActivation.Take() };
            (settings, var usageError) = privileged.Run(() => ReadSettings(commandLine, problems));
            if (usageError is not null)
            {
                syntax.Program.Error(error, usageError, "try 'mandos --help'");
                return ServerCommandLine.UsageError;
            }

            if (commandLine.CheckConfiguration)
                return await new ConfigurationCheck(settings, problems, output, error)
                    .RunAsync(commandLine.TriesCheckers, ownsProcess)
                    .ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new StartupException($"cannot write to standard output: {SystemFailure.Reason(e)}");
        }

        return await StartAsync(arguments, commandLine, settings, problems, error, privileged).ConfigureAwait(false);
    }

    private static (ServerSettings Settings, string? UsageError) ReadSettings(
        CommandLineSettings commandLine, List<ConfigurationProblem> problems)
    {
        var path = Path.Combine(commandLine.ConfigurationDirectory, "mandos.conf");
        // A missing file is treated like an empty one.
        _ = ConfigurationFile.Read(path, null, problems, out var document);
        using (document)
            return (ServerSettingsReader.Read(commandLine, document, problems, out var usageError), usageError);
    }

    private static async Task<int> StartAsync(
        IReadOnlyList<string> arguments, CommandLineSettings commandLine, ServerSettings settings, List<ConfigurationProblem> problems,
        TextWriter error, PrivilegedThread privileged)
    {
        using var background = Background.Enter();
        var journal = JournalEntry.IsReachedBy(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), StandardStreams.ErrorDescriptor)
            ? JournalEntry.Socket
            : null;
        using var channel = new LogChannel(SystemLog, error, journal) { ServiceName = settings.ServiceName };
        try
        {
            // A service manager that passes sockets expects this process to serve them.
            if (background is null && !settings.Foreground && settings.Activated.Count == 0)
            {
                RefuseErrors(problems);
                return await Background.StartAsync(arguments, commandLine.Socket).ConfigureAwait(false);
            }

            InheritedDescriptors.KeepFromChildren();
            using var server = new ServerRun(settings, background, channel, privileged);
            return await server.RunAsync(problems).ConfigureAwait(false);
        }
        catch (StartupException e)
        {
            if (!channel.WriteLastWords(e.Hint is null ? e.Message : $"{e.Message}; hint: {e.Hint}"))
                throw;
            return ExitCodes.Failure;
        }
    }

    /// <summary>Reports problems that would stop the second process, so that the first one shows them.</summary>
    private static void RefuseErrors(List<ConfigurationProblem> problems)
    {
        if (problems.Find(p => !p.IsWarning) is { } problem)
            throw new StartupException(problem.ToString(), "'mandos --check-config' reports all errors");
    }
}
