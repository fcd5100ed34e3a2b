using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Commands;
using Mandos.Control.Hosting;
using Mandos.Control.Listing;
using Mandos.Control.Tables;
using Mandos.Core.Text;

namespace Mandos.Control;

/// <summary>
/// The program from its arguments to its exit code, as in upstream: 0 on success, 1 if the server cannot be reached or does not do what was
/// asked, or if a client does not exist or (<c>--is-enabled</c>) is not enabled, 2 for an invalid command line.
/// </summary>
internal sealed class ControlProgram(ControlEnvironment environment)
{
    private const int Failure = 1;

    internal async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var command = arguments.Count == 0 ? null : ControlCommands.All.FirstOrDefault(command => command.Name == arguments[0]);
        var program = command?.Program ?? new GnuProgram(
            ControlBus.Program, ControlCommands.Help, ControlBus.Usage, helpAliases: ["-h"], versionAliases: []);
        try
        {
            var exitCode = await (command?.RunAsync([.. arguments.Skip(1)], environment, cancellationToken)
                ?? RunAsync(program, arguments, cancellationToken)).ConfigureAwait(false);
            // An answer that cannot be written is a failure.
            await environment.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            return exitCode;
        }
        catch (UsageError error)
        {
            program.Error(environment.Error, error.Message, $"try '{program.Name} --help'");
            return ControlBus.Usage;
        }
        catch (BusFailure failure)
        {
            Report([failure.Message], failure.Hint);
        }
        catch (ControlFailure failure)
        {
            Report(failure.Messages, failure.Hint);
        }
        catch (OperationCanceledException)
        {
            Report(["interrupted"], hint: null);
        }

        return Failure;
    }

    private void Report(IReadOnlyList<string> messages, string? hint)
    {
        // A message may contain what a server sent.
        foreach (var message in messages)
            environment.Error.WriteLine($"{ControlBus.Program}: error: {PrintableText.Of(message)}");
        if (hint is not null)
            environment.Error.WriteLine($"hint: {hint}");
    }

    private async Task<int> RunAsync(GnuProgram program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var options = new ControlOptions(program.Command);
        if (program.Parse(arguments, environment.Output, environment.Error, out var exitCode) is not { } result)
            return exitCode;
        var request = options.Read(result);
        if (request.Check)
            return SelfTest.Run(environment.Error) ? 0 : Failure;
        using var secrets = new OwnedSecrets(request.Actions);
        using var server = await ControlBus.ConnectAsync(environment, request.Debug, cancellationToken).ConfigureAwait(false);
        var clients = Selection.Of(await server.ClientsAsync(cancellationToken).ConfigureAwait(false), request.Names);
        if (request.Actions.Count > 0)
            return await ActAsync(server, clients, request.Actions, cancellationToken).ConfigureAwait(false);
        if (request.Json)
            PropertyDump.Write(clients, environment.Output);
        else
            PlainTable.Write(
                clients, request.Verbose ? ClientColumn.All : ClientColumn.Usual, text => Terminal.Safe(text, environment),
                Terminal.WidthOf(environment), environment.Output);
        return 0;
    }

    /// <summary>Each action in turn, on all clients.</summary>
    private static async Task<int> ActAsync(
        ServerConnection server, IReadOnlyList<ClientState> clients, IReadOnlyList<ClientAction> actions,
        CancellationToken cancellationToken)
    {
        foreach (var action in actions)
        {
            foreach (var client in clients)
            {
                if (action is IsEnabledAction)
                    return client.Flag("Enabled") ? 0 : Failure;
                await action.RunAsync(server, client, cancellationToken).ConfigureAwait(false);
            }
        }

        return 0;
    }
}
