using System.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Hosting;
using Mandos.Control.Listing;
using Mandos.Control.Tables;

namespace Mandos.Control.Commands;

/// <summary>Changes settings of a client.</summary>
internal sealed class SetCommand : ControlCommand
{
    private readonly Argument<IReadOnlyList<string>> _operands = Names(
        $"The name of a client, then KEY=VALUE. Keys: {string.Join(", ", Settings.Names)}");

    internal SetCommand()
        : base("set", "Changes settings of a client until it is removed, or until they are changed in clients.conf.") =>
        Program.Command.Arguments.Add(_operands);

    private protected override async Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        if (run.Arguments.GetValue(_operands) is not [var name, _, ..] operands)
            throw new UsageError("needs the name of a client and KEY=VALUE");
        // Everything is checked before anything is changed.
        var actions = operands.Skip(1).Select(Settings.Parse).ToList();
        using var secrets = new OwnedSecrets(actions);
        using var server = await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var client = Selection.Of(await server.ClientsAsync(cancellationToken).ConfigureAwait(false), [name])[0];
        foreach (var action in actions)
            await action.RunAsync(server, client, cancellationToken).ConfigureAwait(false);
        if (run.Json)
            ClientJson.PrintDone(run.Output, [client.Name], "set");
        else
            run.Output.Write($"{Terminal.Safe(client.Name, run.Environment)}: set\n");
        return 0;
    }
}
