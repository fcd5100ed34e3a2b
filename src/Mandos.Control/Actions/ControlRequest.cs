namespace Mandos.Control.Actions;

/// <summary>What the options ask for.</summary>
internal sealed record ControlRequest
{
    public required IReadOnlyList<string> Names { get; init; }

    public required bool All { get; init; }

    public required bool Verbose { get; init; }

    public required bool Json { get; init; }

    public required bool Debug { get; init; }

    public required bool Check { get; init; }

    /// <summary>In the order of the command line.</summary>
    public required IReadOnlyList<ClientAction> Actions { get; init; }
}
