namespace Mandos.Server.Checkers;

/// <summary>The result of expanding a checker's command: either the command for the shell, or what is wrong with it.</summary>
internal sealed record CheckerExpansion
{
    private CheckerExpansion()
    {
    }

    /// <summary>The complete command for the shell; null if there is a problem.</summary>
    internal string? Command { get; private init; }

    /// <summary>The problem; null if there is none.</summary>
    internal CheckerProblem? Problem { get; private init; }

    internal static CheckerExpansion Of(string command) => new() { Command = command };

    internal static CheckerExpansion Failed(CheckerProblem problem) => new() { Problem = problem };
}

/// <summary>What is wrong with a checker's command.</summary>
/// <param name="Placeholder">The placeholder as it is written.</param>
/// <param name="Reason">The reason, for the administrator.</param>
internal sealed record CheckerProblem(string Placeholder, string Reason)
{
    /// <summary>The message, such as <c>'%(nosuch)s' in the checker: there is no such attribute</c>.</summary>
    public override string ToString() => $"'{Placeholder}' in the checker: {Reason}";
}
