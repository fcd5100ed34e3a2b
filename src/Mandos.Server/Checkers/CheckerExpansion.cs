namespace Mandos.Server.Checkers;

/// <summary>What became of filling in a checker's command: either the command for the shell, or what is wrong with it.</summary>
internal sealed record CheckerExpansion
{
    private CheckerExpansion()
    {
    }

    /// <summary>For the shell, all filled in; null if that was not possible.</summary>
    internal string? Command { get; private init; }

    /// <summary>Why not; null if it was.</summary>
    internal CheckerProblem? Problem { get; private init; }

    internal static CheckerExpansion Of(string command) => new() { Command = command };

    internal static CheckerExpansion Failed(CheckerProblem problem) => new() { Problem = problem };
}

/// <summary>What is wrong with a checker's command.</summary>
/// <param name="Placeholder">As it is written there.</param>
/// <param name="Reason">For the administrator.</param>
internal sealed record CheckerProblem(string Placeholder, string Reason)
{
    /// <summary><c>'%(nosuch)s' in the checker: there is no such attribute</c>.</summary>
    public override string ToString() => $"'{Placeholder}' in the checker: {Reason}";
}
