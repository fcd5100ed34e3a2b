using Mandos.Control.Actions;

namespace Mandos.Control.Commands;

/// <summary>All commands.</summary>
internal static class ControlCommands
{
    internal static IReadOnlyList<ControlCommand> All { get; } =
    [
        new ListCommand(),
        new ShowCommand(),
        new PendingCommand(),
        new ActCommand("approve", "approved", "Approves a pending request of clients, or one that comes soon.", new DecideAction(true)),
        new ActCommand("deny", "denied", "Denies a pending request of clients, or one that comes soon.", new DecideAction(false)),
        new EnableCommand(),
        new ActCommand("disable", "disabled", "Disables clients: they do not get their secrets.", new SetAction("Enabled", false)),
        new MaintenanceCommand(),
        new ActCommand("remove", "removed", "Removes clients from the server.", new RemoveAction()),
        new SetCommand(),
        new AddCommand(),
        new WatchCommand(),
        new WaitCommand(),
        new HistoryCommand(),
        new AuditCommand(),
        new NotifyCommand(),
    ];

    /// <summary>The description in the help of the program.</summary>
    internal static string Help =>
        $"""
        Controls a Mandos server: lists its clients, changes, approves or removes them.

        Commands, each with its own --help; without a command, the options below apply:
        {string.Join('\n', All.Select(command => $"  {command.Name,-11} {command.Summary}"))}
        """;
}
