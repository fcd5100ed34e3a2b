using System.CommandLine;
using Mandos.Control.Hosting;

namespace Mandos.Control.Commands;

/// <summary>Prints what happened to clients.</summary>
internal sealed class HistoryCommand : ControlCommand
{
    private readonly Argument<IReadOnlyList<string>> _names = Names("Names of clients; they may have been removed");
    private readonly AuditTrail _trail;

    internal HistoryCommand()
        : base("history", "Prints what happened to clients, from the audit trail of the server on this machine.")
    {
        Program.Command.Arguments.Add(_names);
        _trail = new(Program.Command);
    }

    private protected override Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken) =>
        run.Arguments.GetValue(_names) is { Count: > 0 } names
            ? Task.FromResult(_trail.Print(run, names))
            : throw new UsageError("needs the name of a client");
}
