using Mandos.Core.Text;

namespace Mandos.Keygen.Findings;

/// <summary>
/// Prints findings as a table: severity, subject and text, and the fix on its own line. It has colours on a terminal only.
/// </summary>
internal static class FindingTable
{
    private const string Plain = "\u001b[0m";
    private const int SeverityWidth = 8;

    internal static void Print(TextWriter output, IReadOnlyList<Finding> findings, bool hasColors)
    {
        var width = findings.Count == 0 ? 0 : findings.Max(finding => finding.Subject.Length);
        var margin = new string(' ', SeverityWidth + width + 2);
        foreach (var finding in findings)
        {
            var word = Word(finding.Severity).PadRight(SeverityWidth);
            output.Write(hasColors ? $"{Color(finding.Severity)}{word}{Plain}" : word);
            output.Write($"{finding.Subject.PadRight(width)}  {PrintableText.Of(finding.Text)}\n");
            foreach (var line in finding.Details)
                output.Write($"{margin}{PrintableText.Of(line)}\n");
            if (finding.Fix is { } fix)
                output.Write($"{margin}fix: {PrintableText.Of(fix)}\n");
        }

        output.Write($"{Sum(findings)}\n");
    }

    /// <summary>The word for a severity, in the table and in JSON.</summary>
    internal static string Word(Severity severity) => severity switch
    {
        Severity.Ok => "ok",
        Severity.Warning => "warning",
        _ => "error",
    };

    private static string Sum(IReadOnlyList<Finding> findings)
    {
        var errors = findings.Count(finding => finding.Severity == Severity.Error);
        var warnings = findings.Count(finding => finding.Severity == Severity.Warning);
        return errors + warnings == 0 ? "no problem found" : $"errors: {errors}, warnings: {warnings}";
    }

    private static string Color(Severity severity) => severity switch
    {
        Severity.Ok => "\u001b[32m",
        Severity.Warning => "\u001b[33m",
        _ => "\u001b[31m",
    };
}
