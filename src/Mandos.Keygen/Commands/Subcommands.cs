namespace Mandos.Keygen.Commands;

/// <summary>All commands.</summary>
internal static class Subcommands
{
    internal static IReadOnlyList<Subcommand> All { get; } =
    [
        new CheckImageCommand(),
        new DoctorCommand(),
        new EnrollCommand(),
        new RotateCommand(),
        new UnenrollCommand(),
    ];

    /// <summary>The list in the help of the program.</summary>
    internal static string Help =>
        $"""
        Commands, each with its own --help; without a command, the options below apply:
        {string.Join('\n', All.Select(command => $"  {command.Name,-12} {command.Summary}"))}
        """;
}
