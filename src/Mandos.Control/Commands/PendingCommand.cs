using Mandos.BusClient;
using Mandos.Control.Tables;

namespace Mandos.Control.Commands;

/// <summary>Lists the requests that wait for an operator's decision.</summary>
internal sealed class PendingCommand : ControlCommand
{
    private readonly TableOptions _table;

    internal PendingCommand()
        : base("pending", "Lists the clients that wait for an operator's decision, and how long they still wait.") =>
        _table = new(Program.Command);

    private protected override async Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        using var server = await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var now = run.Environment.Time.GetUtcNow();
        var pending = (await server.ClientsAsync(cancellationToken).ConfigureAwait(false))
            .Where(client => client.Flag("ApprovalPending"))
            .OrderBy(client => client.Decides() ?? DateTimeOffset.MaxValue)
            .ToList();
        if (run.Json)
            ClientJson.Print(run.Output, pending);
        else if (pending.Count == 0)
            run.Output.Write("no client waits for a decision\n");
        else
            _table.Print(run.Arguments, run.Environment, ["Name", "Time left", "Without a decision"], pending.Select(client => new[]
            {
                TableCell.Of(client.Name),
                new(client.Decides() is { } time ? Moments.Rough(time - now) : "", TableTone.Notice),
                client.Flag("ApprovedByDefault") ? new("approved", TableTone.Good) : new("denied", TableTone.Error),
            }));
        return 0;
    }
}
