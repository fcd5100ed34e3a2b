using System.CommandLine;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Hosting;
using Mandos.Control.Listing;
using Mandos.Control.Tables;
using Mandos.Core.Text;

namespace Mandos.Control.Commands;

/// <summary>Does one thing with clients: approve, deny, enable, disable, remove.</summary>
internal class ActCommand : ControlCommand
{
    private protected readonly Option<bool> _all = PlainOption.Flag("--all", "All clients", "-a");
    private readonly Option<bool> _yes = PlainOption.Flag("--yes", "Do not ask", "-y");
    private readonly Argument<IReadOnlyList<string>> _names = Names("Names of clients");
    private readonly ClientAction? _action;
    private readonly string _done;

    /// <param name="name">The name on the command line, a verb.</param>
    /// <param name="done">Its participle, for the answer.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="action">What is done with each client; null if the options say it.</param>
    internal ActCommand(string name, string done, string summary, ClientAction? action)
        : base(name, summary)
    {
        (_action, _done) = (action, done);
        Program.Command.Arguments.Add(_names);
        Program.Command.Options.Add(_all);
        Program.Command.Options.Add(_yes);
    }

    private protected override async Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        var names = run.Arguments.GetValue(_names) ?? [];
        var (action, done) = Read(run);
        var all = run.Arguments.GetValue(_all);
        if (all == names.Count > 0)
            throw new UsageError(all ? "--all cannot be combined with names of clients" : "needs the name of a client, or --all");
        using var server = await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var clients = Choose(run, Selection.Of(await server.ClientsAsync(cancellationToken).ConfigureAwait(false), names));
        if ((all || action is RemoveAction) && clients.Count > 0 && !run.Arguments.GetValue(_yes) && run.Environment.CanAsk
            && !Confirmation.Ask(run.Environment, $"{Name} {Describe(clients)}?"))
            throw new ControlFailure("nothing was changed");
        foreach (var client in clients)
        {
            await action.RunAsync(server, client, cancellationToken).ConfigureAwait(false);
            if (!run.Json)
                run.Output.Write($"{Terminal.Safe(client.Name, run.Environment)}: {done}\n");
        }

        if (run.Json)
            ClientJson.PrintDone(run.Output, clients.Select(client => client.Name), Name);
        return 0;
    }

    /// <summary>Reads the options: what is done, and its participle.</summary>
    /// <exception cref="UsageError">The options are invalid.</exception>
    private protected virtual (ClientAction Action, string Done) Read(CommandRun run) =>
        (_action ?? throw new InvalidOperationException($"{Name} does nothing"), _done);

    /// <summary>Those of the selected clients that it is done with.</summary>
    private protected virtual IReadOnlyList<ClientState> Choose(CommandRun run, IReadOnlyList<ClientState> clients) => clients;

    private static string Describe(IReadOnlyList<ClientState> clients) => clients.Count <= 3
        ? string.Join(", ", clients.Select(client => PrintableText.Of(client.Name)))
        : Quantity.Of(clients.Count, "client").ToString();
}
