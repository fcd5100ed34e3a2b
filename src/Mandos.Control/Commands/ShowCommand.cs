using System.CommandLine;
using System.Globalization;
using Mandos.BusClient;
using Mandos.Control.Hosting;
using Mandos.Control.Listing;
using Mandos.Control.Tables;

namespace Mandos.Control.Commands;

/// <summary>Shows everything about clients.</summary>
internal sealed class ShowCommand : ControlCommand
{
    private static readonly ClientColumn[] Columns =
        [.. ClientColumn.All, new("LastDisabled", "Last Disabled"), new("Maintenance", "Maintenance Until"),
            new("SecretsGiven", "Secrets Given"), new("ObjectPath", "Object Path")];

    private readonly Argument<IReadOnlyList<string>> _names = Names("Names of clients");

    internal ShowCommand()
        : base("show", "Shows all properties of clients.") => Program.Command.Arguments.Add(_names);

    private protected override async Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        if (run.Arguments.GetValue(_names) is not { Count: > 0 } names)
            throw new UsageError("needs the name of a client");
        using var server = await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var clients = Selection.Of(await server.ClientsAsync(cancellationToken).ConfigureAwait(false), names);
        if (run.Json)
        {
            ClientJson.Print(run.Output, clients);
            return 0;
        }

        var now = run.Environment.Time.GetUtcNow();
        var width = Columns.Max(column => column.Header.Length);
        for (var i = 0; i < clients.Count; i++)
        {
            if (i > 0)
                run.Output.Write('\n');
            foreach (var column in Columns.Where(column => clients[i][column.Property] is not null))
                run.Output.Write(
                    $"{column.Header.PadLeft(width)}: {Terminal.Safe(Value(clients[i], column, now), run.Environment)}\n");
        }

        return 0;
    }

    private static string Value(ClientState client, ClientColumn column, DateTimeOffset now)
    {
        if (column.Property == "Maintenance" && client.Maintenance() is null)
            return "not in maintenance";
        if (column.Property is "Created" or "LastEnabled" or "LastDisabled" or "LastCheckedOK" or "LastApprovalRequest" or "Expires"
            or "Maintenance")
            return client.Time(column.Property) is not { } time
                ? "never"
                : time < now
                    ? $"{Moments.Local(time)} ({Moments.Rough(now - time)} ago)"
                    : $"{Moments.Local(time)} (in {Moments.Rough(time - now)})";
        return column.Property == "LastCheckerStatus" ? CheckResult(client.Number(column.Property)) : column.Value(client);
    }

    private static string CheckResult(long status) => status switch
    {
        -2 => "no check yet",
        -1 => "killed by a signal, or could not be started",
        0 => "0 (alive)",
        _ => string.Create(CultureInfo.InvariantCulture, $"{status} (failed)"),
    };
}
