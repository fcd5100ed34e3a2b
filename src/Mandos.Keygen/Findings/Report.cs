namespace Mandos.Keygen.Findings;

/// <summary>Collects findings.</summary>
internal sealed class Report
{
    private readonly List<Finding> _findings = [];

    internal IReadOnlyList<Finding> Findings => _findings;

    internal Severity Worst => _findings.Count == 0 ? Severity.Ok : _findings.Max(finding => finding.Severity);

    internal void Ok(string id, string subject, string text) => Add(new(id, subject, Severity.Ok, text, null));

    internal void Warning(string id, string subject, string text, string fix) => Add(new(id, subject, Severity.Warning, text, fix));

    internal void Error(string id, string subject, string text, string fix) => Add(new(id, subject, Severity.Error, text, fix));

    internal void Add(Finding finding) => _findings.Add(finding);

    /// <summary>Whether something worse than ok was found since <paramref name="count"/> findings.</summary>
    internal bool HasProblemSince(int count) => _findings.Skip(count).Any(finding => finding.Severity != Severity.Ok);
}
