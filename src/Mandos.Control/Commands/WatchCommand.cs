using Mandos.BusClient;
using Mandos.Control.Tables;

namespace Mandos.Control.Commands;

/// <summary>Prints every signal of the server as it happens.</summary>
internal sealed class WatchCommand : ControlCommand
{
    internal WatchCommand()
        : base("watch", "Prints what the server signals, one line each, until it is interrupted; a server that stops may come back.")
    {
    }

    private protected override async Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        using var server = await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var feed = new SignalFeed(server);
        await feed.StartAsync(cancellationToken).ConfigureAwait(false);
        if (!feed.HasServer)
            await run.Environment.Error.WriteLineAsync("mandos-ctl: no Mandos server is on the system bus; waiting for one")
                .ConfigureAwait(false);
        while (true)
        {
            var (signal, client) = await feed.NextAsync(cancellationToken).ConfigureAwait(false);
            Print(run, signal, client?.Name ?? SignalDescription.PathOf(signal));
            await run.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Print(CommandRun run, ServerSignal signal, string? name)
    {
        var now = run.Environment.Time.GetUtcNow();
        if (!run.Json)
        {
            var text = $"{(name is null ? "" : $"{name}: ")}{SignalDescription.Describe(signal)}";
            run.Output.Write($"{Moments.Local(now)} {Terminal.Safe(text, run.Environment)}\n");
            return;
        }

        ClientJson.Print(run.Output, isLine: true, json =>
        {
            json.WriteStartObject();
            json.WriteString("time", ClientJson.Rfc3339(now));
            if (name is not null)
                json.WriteString("client", name);
            SignalJson.Write(json, signal);
            json.WriteEndObject();
        });
    }
}
