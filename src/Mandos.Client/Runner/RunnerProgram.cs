using Mandos.Client.Hosting;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>
/// The role <c>plugin-runner</c>: runs the plugins and prints the first password. Only this program keeps root, and it reads nothing but
/// its configuration. If everything fails, it prompts on the console, so that the machine can always be booted by hand.
/// </summary>
internal static class RunnerProgram
{
    private const int StandardOutput = 1;

    /// <summary>Runs to the end. If a signal requested the end, dies of it after all plugins have ended.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        SignalDisposition.IgnoreBrokenPipes();
        // A set-user-ID bit on this program would make every caller root.
        if (Credentials.RealUser != 0)
            _ = Credentials.BecomeRealUser();
        using var signals = new TerminationSignals();
        var settings = new RunnerSettings();
        var status = Configure(arguments, settings, out var done);
        if (done)
            return status;
        var messages = new Messages(RunnerCommandLine.Name, settings.Debug);
        if (status == ExitCode.Success)
        {
            var plugins = Plugins(settings, messages, ref status);
            var process = new PluginProcess(settings, messages, TimeProvider.System);
            var printed = ExitCode.Success;
            var race = new PluginRace(
                process.RunAsync, password => printed = Print(password, messages, signals.Requested), messages, TimeProvider.System);
            var won = await race.RunAsync(plugins, signals.Requested);
            if (signals.First != 0)
                SignalDisposition.DieOf(signals.First);
            if (won)
                return printed;
        }

        SecretBuffer? typed = null;
        bool asked;
        using (var console = new ConsolePassword(hasTerminal => TellWhoIsAsked(hasTerminal, messages)))
        {
            asked = console.HasTerminal;
            await ((Task)console.Line).WaitAsync(signals.Requested).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (console.Line.IsCompleted)
                typed = await console.Line;
        }

        if (signals.First != 0)
            SignalDisposition.DieOf(signals.First);
        using (typed)
            return Finish(typed, asked, status, messages, signals);
    }

    /// <summary>
    /// Applies the defaults, the configuration file and the command line. Returns why the console must be used or, if everything is done,
    /// the exit code.
    /// </summary>
    private static int Configure(IReadOnlyList<string> arguments, RunnerSettings settings, out bool done)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        // The command line is parsed twice: first for the name of the configuration file, and then on top of that file.
        var named = new RunnerSettings();
        var line = new RunnerCommandLine();
        var good = line.Apply(arguments, named, output, error, out var status);
        var messages = new Messages(RunnerCommandLine.Name, named.Debug);
        if (good)
        {
            using var fileError = new StringWriter();
            var path = named.ConfigFile ?? RunnerSettings.DefaultConfigFile;
            if (ConfigFile.Read(path, messages) is not { } words)
                status = ExitCode.OsError;
            else if (!(good = line.Apply(words, settings, output, fileError, out var inFile)))
                status = inFile == ExitCode.Success ? ExitCode.Success : ExitCode.Config;
            if (fileError.GetStringBuilder().Length > 0)
                messages.Write($"{RunnerCommandLine.Name}: in \"{path}\":\n{fileError}");
            if (good)
                _ = line.Apply(arguments, settings, output, TextWriter.Null, out _);
        }

        new Messages(RunnerCommandLine.Name, debug: false, StandardOutput).Write(output.ToString());
        messages.Write(error.ToString());
        done = !good && status == ExitCode.Success;
        return status;
    }

    private static List<Plugin> Plugins(RunnerSettings settings, Messages messages, ref int status)
    {
        if (Credentials.EffectiveUser == 0)
            RootPreparation.Run(settings, messages);
        var plugins = new List<Plugin>();
        if (PluginDirectory.Read(settings.PluginDirectory, out var error) is not { } found)
        {
            messages.Error(error);
            status = ExitCode.Unavailable;
            return plugins;
        }

        foreach (var plugin in found)
        {
            if (settings.For(plugin.Name).Disabled)
                messages.Debug?.Invoke($"plugin \"{plugin.Name}\" is disabled");
            else
                plugins.Add(plugin);
        }

        if (plugins.Count == 0)
            messages.Warning($"no plugin to start in \"{settings.PluginDirectory}\"");
        return plugins;
    }

    private static void TellWhoIsAsked(bool hasTerminal, Messages messages)
    {
        if (hasTerminal)
            messages.Warning("no plugin gave a password: asking on the console");
        else
            messages.Error("no plugin gave a password, and there is no terminal for a prompt");
    }

    /// <summary>Prints what the user typed; the exit code is that of the earlier error, so that it is noticed.</summary>
    private static int Finish(SecretBuffer? typed, bool asked, int status, Messages messages, TerminationSignals signals)
    {
        if (typed is null)
        {
            if (asked)
                messages.Error("nothing was typed");
            return status == ExitCode.Success ? ExitCode.IoError : status;
        }

        var printed = Print(typed, messages, signals.Requested);
        if (signals.First != 0)
            SignalDisposition.DieOf(signals.First);
        return printed == ExitCode.Success ? status : printed;
    }

    /// <summary>Prints the password unchanged and closes stdout, so that a reader need not wait for the other plugins.</summary>
    private static int Print(SecretBuffer password, Messages messages, CancellationToken cancellationToken)
    {
        var error = DescriptorIo.WriteAll(StandardOutput, password.Span, -1, cancellationToken, out var written);
        new Descriptor(StandardOutput).Dispose();
        if (error.Ok)
            return ExitCode.Success;
        messages.Error($"only {written} of {password.Length} bytes of the password could be written: {error}");
        return ExitCode.IoError;
    }
}
