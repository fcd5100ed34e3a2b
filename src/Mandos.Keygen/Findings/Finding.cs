namespace Mandos.Keygen.Findings;

/// <summary>How bad it is; the values are the exit codes.</summary>
internal enum Severity
{
    Ok,
    Warning,
    Error,
}

/// <summary>One line of the report.</summary>
/// <param name="Id">The stable name of what was checked, for programs: <c>keys.missing</c>.</param>
/// <param name="Subject">What it is about, for people.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Text">What was found.</param>
/// <param name="Fix">What to do; null if all is well.</param>
internal sealed record Finding(string Id, string Subject, Severity Severity, string Text, string? Fix)
{
    /// <summary>What another program printed about it.</summary>
    internal IReadOnlyList<string> Details { get; init; } = [];
}
