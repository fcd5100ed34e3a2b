using System.CommandLine;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Hosting;

namespace Mandos.Control.Commands;

/// <summary>Begins and ends maintenance of clients.</summary>
internal sealed class MaintenanceCommand : ActCommand
{
    private readonly Option<string?> _for = PlainOption.Text(
        "--for", "DURATION", "How long, at most 7 days; replaces the time that is left, and 0 ends it");
    private readonly Option<bool> _end = PlainOption.Flag("--end", "End it now");

    internal MaintenanceCommand()
        : base("maintenance", "", "Keeps clients enabled that do not answer for a while, because they are being worked on.", null)
    {
        Program.Command.Options.Add(_for);
        Program.Command.Options.Add(_end);
    }

    private protected override (ClientAction Action, string Done) Read(CommandRun run)
    {
        var text = run.Arguments.GetValue(_for);
        if (run.Arguments.GetValue(_end) == text is not null)
            throw new UsageError("needs either --for or --end");
        var span = text is null or "0" ? TimeSpan.Zero : Values.Span(text, "option '--for'");
        return (new MaintainAction(span), span > TimeSpan.Zero ? $"in maintenance for {Moments.Rough(span)}" : "not in maintenance");
    }

    /// <summary>A disabled client cannot be in maintenance, which is an error only for one that is named.</summary>
    private protected override IReadOnlyList<ClientState> Choose(CommandRun run, IReadOnlyList<ClientState> clients) =>
        run.Arguments.GetValue(_all) ? [.. clients.Where(client => client.Flag("Enabled"))] : clients;
}
