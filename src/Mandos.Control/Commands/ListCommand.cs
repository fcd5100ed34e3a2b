using System.CommandLine;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Hosting;
using Mandos.Control.Listing;
using Mandos.Control.Tables;

namespace Mandos.Control.Commands;

/// <summary>Lists clients with what an operator looks for.</summary>
internal sealed class ListCommand : ControlCommand
{
    private readonly Argument<IReadOnlyList<string>> _names = Names("Names of clients; default: all of them");
    private readonly Option<string?> _sort = PlainOption.Text("--sort", "KEY", "Sort by name (default), expires or last-check", "-s");
    private readonly Option<string?> _filter = PlainOption.Text(
        "--filter", "STATUS", "Only those that are pending, disabled, failing or in maintenance", "-f");
    private readonly Option<bool> _onlyNames = PlainOption.Flag("--names", "Print only the names, one on each line");
    private readonly TableOptions _table;

    internal ListCommand()
        : base("list", "Lists clients with their status, last successful check and time of expiry.")
    {
        Program.Command.Arguments.Add(_names);
        foreach (var option in new Option[] { _sort, _filter, _onlyNames })
            Program.Command.Options.Add(option);
        _table = new(Program.Command);
    }

    private protected override async Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        var filter = Filter(run.Arguments.GetValue(_filter));
        var sort = Sort(run.Arguments.GetValue(_sort) ?? "name");
        using var server = await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var all = await server.ClientsAsync(cancellationToken).ConfigureAwait(false);
        var clients = sort(Selection.Of(all, run.Arguments.GetValue(_names) ?? []).Where(filter)).ToList();
        if (run.Json)
        {
            ClientJson.Print(run.Output, clients);
        }
        else if (run.Arguments.GetValue(_onlyNames))
        {
            foreach (var client in clients)
                run.Output.Write($"{Terminal.Safe(client.Name, run.Environment)}\n");
        }
        else
        {
            var now = run.Environment.Time.GetUtcNow();
            _table.Print(run.Arguments, run.Environment, ["Name", "Status", "Last check", "Expires", "Host"], clients.Select(client => new[]
            {
                TableCell.Of(client.Name),
                new(StatusOf(client), Tone(client.Status())),
                TableCell.Of(Ago(client.Time("LastCheckedOK"), now)),
                TableCell.Of(Ahead(client.Time("Expires"), now)),
                TableCell.Of(client.Text("Host")),
            }));
        }

        return 0;
    }

    internal static Func<ClientState, bool> Filter(string? status) => status switch
    {
        null => static _ => true,
        "pending" => static client => client.Status() == ClientStatus.Pending,
        "disabled" => static client => client.Status() == ClientStatus.Disabled,
        "failing" => static client => client.Status() == ClientStatus.Failing,
        "maintenance" => static client => client.Maintenance() is not null,
        _ => throw new UsageError($"option '--filter': '{status}' is not pending, disabled, failing or maintenance"),
    };

    internal static Func<IEnumerable<ClientState>, IEnumerable<ClientState>> Sort(string key) => key switch
    {
        "name" => static clients => clients.OrderBy(client => client.Name, StringComparer.Ordinal),
        "expires" => static clients => clients.OrderBy(client => client.Time("Expires") ?? DateTimeOffset.MaxValue)
            .ThenBy(client => client.Name, StringComparer.Ordinal),
        "last-check" => static clients => clients.OrderBy(client => client.Time("LastCheckedOK") ?? DateTimeOffset.MinValue)
            .ThenBy(client => client.Name, StringComparer.Ordinal),
        _ => throw new UsageError($"option '--sort': '{key}' is not name, expires or last-check"),
    };

    /// <summary>The status, and whether the client is in maintenance.</summary>
    internal static string StatusOf(ClientState client) =>
        client.Maintenance() is null ? client.Status().Word() : $"{client.Status().Word()}, maintenance";

    private static TableTone Tone(ClientStatus status) => status switch
    {
        ClientStatus.Pending => TableTone.Notice,
        ClientStatus.Disabled => TableTone.Error,
        ClientStatus.Failing => TableTone.Warning,
        _ => TableTone.Good,
    };

    private static string Ago(DateTimeOffset? time, DateTimeOffset now) => time is { } then ? $"{Moments.Rough(now - then)} ago" : "never";

    private static string Ahead(DateTimeOffset? time, DateTimeOffset now) => time switch
    {
        null => "",
        { } then when then > now => $"in {Moments.Rough(then - now)}",
        _ => "now",
    };
}
