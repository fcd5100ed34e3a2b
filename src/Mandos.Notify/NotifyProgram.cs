using System.CommandLine;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Configuration;
using Mandos.Notify.Configuration;
using Mandos.Notify.Events;
using Mandos.Notify.Sending;
using Microsoft.Extensions.Hosting.Systemd;

namespace Mandos.Notify;

/// <summary>
/// The program from its arguments to its exit code: 0 when it was asked to stop or a test succeeded, 1 for a failure, 2 for an invalid
/// command line, 3 for an internal error.
/// </summary>
internal static class NotifyProgram
{
    private const string Name = "mandos-notify";
    private const int Failure = 1;
    private const int Usage = 2;

    /// <summary>Unlike the other codes, this one lets the service manager start the program again.</summary>
    internal const int InternalError = 3;

    /// <summary>The time limit of connecting to the bus and of each call.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    internal static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, TextWriter output, TextWriter error, Func<string, string?> variable)
    {
        var program = new GnuProgram(
            Name, "Notifies people of what happens to the clients of the Mandos server on this machine: by webhooks, mail or a command.",
            Usage, helpAliases: ["-h"]);
        var config = PlainOption.Text("--config", "FILE", "Read this file");
        var check = PlainOption.Flag("--check-config", "Only check the configuration");
        var test = PlainOption.Flag("--test", "Send a message to each target, or to those that are named, and print the results");
        var json = PlainOption.Flag("--json", "Print the results of --test as JSON");
        var names = new Argument<IReadOnlyList<string>>("TARGET")
        {
            Description = "For --test: the name of a target, such as 'ops' for [webhook ops]",
            Arity = ArgumentArity.ZeroOrMore,
            CustomParser = PlainOption.Words,
            DefaultValueFactory = static _ => [],
        };
        program.Command.Options.Add(config);
        program.Command.Options.Add(check);
        program.Command.Options.Add(test);
        program.Command.Options.Add(json);
        program.Command.Arguments.Add(names);
        if (program.Parse(arguments, output, error, out var exitCode) is not { } parsed)
            return exitCode;
        var chosen = parsed.GetValue(names) ?? [];
        if (chosen.Count > 0 && !parsed.GetValue(test))
        {
            program.Error(error, "targets are named for --test only", $"try '{Name} --help'");
            return Usage;
        }

        var problems = new List<ConfigurationProblem>();
        var settings = NotifySettingsReader.Read(parsed.GetValue(config) ?? NotifySettings.DefaultFile, problems);
        foreach (var problem in problems)
            await error.WriteLineAsync($"{Name}: {(problem.IsWarning ? "warning" : "error")}: {problem}").ConfigureAwait(false);
        if (problems.Exists(problem => !problem.IsWarning))
            return Failure;
        if (parsed.GetValue(check))
            return 0;
        using var stop = new StopSignals();
        using var http = WebhookTarget.CreateHttpClient();
        Target[] targets = [.. settings.Targets.Select(one => Target.Of(one, http, TimeProvider.System))];
        try
        {
            if (parsed.GetValue(test))
                return await TestAsync(program, targets, chosen, parsed.GetValue(json), output, error, stop.Token).ConfigureAwait(false);
            await FollowAsync(settings, targets, variable, error, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // Asked to stop.
        }

        return 0;
    }

    private static async Task<int> TestAsync(
        GnuProgram program, Target[] targets, IReadOnlyList<string> chosen, bool isJson, TextWriter output, TextWriter error,
        CancellationToken stop)
    {
        foreach (var name in chosen)
        {
            if (Array.Exists(targets, target => IsNamed(target, name)))
                continue;
            program.Error(
                error, $"there is no target '{name}'", $"the configuration has {string.Join(", ", targets.Select(t => $"'{t.Name}'"))}");
            return Failure;
        }

        var notification = new Notification
        {
            Kind = NotificationKind.Test,
            Server = Environment.MachineName,
            Time = TimeProvider.System.GetUtcNow(),
            Title = $"Mandos test message (server {Environment.MachineName})",
            Details = "If you read this, notifications work.",
        };
        var results = new List<TestResult>();
        foreach (var target in targets.Where(target => chosen.Count == 0 || chosen.Any(name => IsNamed(target, name))))
        {
            var began = TimeProvider.System.GetTimestamp();
            var outcome = await target.SendAsync(notification, stop).ConfigureAwait(false);
            var span = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
            var result = new TestResult(target.Name, outcome.Problem, (long)span);
            results.Add(result);
            if (!isJson)
                await output.WriteLineAsync(result.ToString()).ConfigureAwait(false);
        }

        if (isJson)
            await output.WriteLineAsync(TestResult.Json(results)).ConfigureAwait(false);
        return results.TrueForAll(result => result.Problem is null) ? 0 : Failure;
    }

    private static bool IsNamed(Target target, string name) =>
        target.Name == name || target.Name.EndsWith($" {name}", StringComparison.Ordinal);

    private static async Task FollowAsync(
        NotifySettings settings, Target[] targets, Func<string, string?> variable, TextWriter error, CancellationToken stop)
    {
        var time = TimeProvider.System;
        TargetQueue[] queues = [.. targets.Select(target => new TargetQueue(target, Warn, time))];
        var model = new NotificationModel(
            Environment.MachineName, settings.Pages,
            notification =>
            {
                foreach (var queue in queues)
                    queue.Add(notification);
            },
            Warn, time);
        var notifier = new SystemdNotifier();
        string? status = null;
        var bus = variable("DBUS_SYSTEM_BUS_ADDRESS");
        var follower = new ServerFollower(
            model, cancellationToken => ServerConnection.OpenAsync(bus, Limit, cancellationToken), Changed, time);
        // None of them ends by itself; an internal error of one ends the program, which the service manager starts again.
        await (await Task.WhenAny([follower.RunAsync(stop), .. queues.Select(queue => queue.RunAsync(stop))]).ConfigureAwait(false))
            .ConfigureAwait(false);

        // From the first call on, no event is missed while there is a server to follow.
        void Changed()
        {
            string now;
            lock (model.Lock)
                now = model.HasServer == true ? "follows the server" : "no Mandos server is on the system bus";
            if (Interlocked.Exchange(ref status, now) != now)
                notifier.Notify(new ServiceState($"READY=1\nSTATUS={now}"));
        }

        void Warn(string line) => error.WriteLine($"{Name}: warning: {line}");
    }
}
