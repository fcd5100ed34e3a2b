using System.CommandLine;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Hosting;
using Mandos.Control.Listing;
using Mandos.Core.Text;

namespace Mandos.Control.Commands;

/// <summary>Waits until something has happened with a client.</summary>
internal sealed class WaitCommand : ControlCommand
{
    private readonly Argument<IReadOnlyList<string>> _names = Names("The name of a client");
    private readonly Option<string?> _until = PlainOption.Text(
        "--until", "EVENT",
        "approved: its request is approved; delivered: it has received its secret; enabled: it is enabled, now or later; checked: a "
            + "check has succeeded", "-u");
    private readonly Option<string?> _timeout = PlainOption.Text("--timeout", "DURATION", "Give up after that time; default: never", "-t");

    internal WaitCommand()
        : base("wait", "Waits until something has happened with a client; the exit code is 1 if it cannot happen any more.")
    {
        Program.Command.Arguments.Add(_names);
        Program.Command.Options.Add(_until);
        Program.Command.Options.Add(_timeout);
    }

    private enum Progress
    {
        Waiting,
        Reached,
        Lost,
    }

    private protected override async Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        if (run.Arguments.GetValue(_names) is not [var name])
            throw new UsageError("needs the name of exactly one client");
        var until = run.Arguments.GetValue(_until) switch
        {
            "approved" => "approved",
            "delivered" => "delivered",
            "enabled" => "enabled",
            "checked" => "checked",
            null => throw new UsageError("needs --until=approved, delivered, enabled or checked"),
            var other => throw new UsageError($"option '--until': '{other}' is not approved, delivered, enabled or checked"),
        };
        using var deadline = Deadline(run, cancellationToken);
        try
        {
            return await WaitAsync(run, name, until, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ControlFailure($"{PrintableText.Of(name)} is not {until} within {run.Arguments.GetValue(_timeout)}");
        }
    }

    private static async Task<int> WaitAsync(CommandRun run, string name, string until, CancellationToken cancellationToken)
    {
        using var server = await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var feed = new SignalFeed(server);
        await feed.StartAsync(cancellationToken).ConfigureAwait(false);
        if (!feed.HasServer)
            throw new BusFailure(
                BusFailureKind.NoServer, "no Mandos server is on the system bus", "start it with 'systemctl start mandos'");
        var path = Selection.Of([.. feed.Clients.Values], [name])[0].Path;
        var progress = until == "enabled" && feed.Clients[path].Flag("Enabled") ? Progress.Reached : Progress.Waiting;
        while (progress == Progress.Waiting)
        {
            var (signal, client) = await feed.NextAsync(cancellationToken).ConfigureAwait(false);
            if (signal is ServerSignal.Left || (signal is ServerSignal.Removed removed && removed.Path == path))
                throw new ControlFailure(
                    signal is ServerSignal.Left ? "the server has stopped" : $"{PrintableText.Of(name)} was removed");
            if (client?.Path == path)
                progress = After(signal, client, until);
            if (progress == Progress.Lost)
                throw new ControlFailure($"{PrintableText.Of(name)} {SignalDescription.Describe(signal)}");
        }

        if (run.Json)
            ClientJson.Print(run.Output, [feed.Clients[path]]);
        return 0;
    }

    private static Progress After(ServerSignal signal, ClientState client, string until) => (until, signal) switch
    {
        ("approved" or "delivered", ServerSignal.GotSecret) => Progress.Reached,
        ("approved" or "delivered", ServerSignal.Rejected) => Progress.Lost,
        ("enabled", ServerSignal.Changed) when client.Flag("Enabled") => Progress.Reached,
        ("checked", ServerSignal.Changed changed) when changed.Properties.ContainsKey("LastCheckedOK") => Progress.Reached,
        _ => Progress.Waiting,
    };

    private CancellationTokenSource Deadline(CommandRun run, CancellationToken cancellationToken)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (run.Arguments.GetValue(_timeout) is { } text)
        {
            var limit = Values.Duration(text, "option '--timeout'");
            deadline.CancelAfter(limit > TimeSpan.FromDays(40) ? TimeSpan.FromDays(40) : limit);
        }

        return deadline;
    }
}
