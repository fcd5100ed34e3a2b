using System.CommandLine;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Hosting;

namespace Mandos.Control.Commands;

/// <summary>Enables clients, or only those of them that were disabled a short time ago: after an outage of the network.</summary>
internal sealed class EnableCommand : ActCommand
{
    private readonly Option<string?> _since = PlainOption.Text(
        "--disabled-since", "DURATION", "Only those that were disabled within that time, and are still");

    internal EnableCommand()
        : base("enable", "enabled", "Enables clients: they get their secrets.", new SetAction("Enabled", true)) =>
        Program.Command.Options.Add(_since);

    private protected override (ClientAction Action, string Done) Read(CommandRun run)
    {
        _ = Since(run);
        return base.Read(run);
    }

    private protected override IReadOnlyList<ClientState> Choose(CommandRun run, IReadOnlyList<ClientState> clients) =>
        Since(run) is { } span ? DisabledWithin(clients, span, run.Environment.Time.GetUtcNow()) : clients;

    /// <summary>The clients that were disabled within a time and are still.</summary>
    /// <exception cref="ControlFailure">The server does not report when clients were disabled.</exception>
    internal static IReadOnlyList<ClientState> DisabledWithin(IReadOnlyList<ClientState> clients, TimeSpan span, DateTimeOffset now)
    {
        List<ClientState> disabled = [.. clients.Where(client => !client.Flag("Enabled"))];
        if (disabled.Exists(client => client["LastDisabled"] is null))
            throw new ControlFailure("the server does not report when clients were disabled", "only our server does; name the clients");
        // A time in the future means that the wall clock was set back since.
        return [.. disabled.Where(client => client.Time("LastDisabled") is { } then && now - then <= span)];
    }

    private TimeSpan? Since(CommandRun run) =>
        run.Arguments.GetValue(_since) is { } text ? Values.Span(text, "option '--disabled-since'") : null;
}
