using System.Globalization;
using System.Text;

namespace Mandos.Bench;

/// <summary>Two things side by side, line by line, with the budget of each line and whether it is kept.</summary>
/// <param name="first">What is compared with; the original if not said otherwise.</param>
/// <param name="second">What has the budget.</param>
internal sealed class Table(string first = "the original (Debian 12, 1.8.16)", string second = "ours")
{
    private readonly StringBuilder _rows = new();
    private readonly List<string> _missed = [];

    /// <summary>Adds a line with medians, where less is better and the budget is a part of the original's.</summary>
    public void Add(string name, Median original, Median ours, double budget, Func<double, string> show)
    {
        var ratio = ours.Value / original.Value;
        Row(
            name, Spread(original, show), Spread(ours, show), Report.Format($"{ratio:F2}"), Report.Format($"≤ {budget:F2}"),
            ratio <= budget);
    }

    /// <summary>The same where more is better.</summary>
    public void AddAtLeast(string name, Median original, Median ours, double budget, Func<double, string> show)
    {
        var ratio = ours.Value / original.Value;
        Row(
            name, Spread(original, show), Spread(ours, show), Report.Format($"{ratio:F2}"), Report.Format($"≥ {budget:F2}"),
            ratio >= budget);
    }

    /// <summary>Adds a line whose budget is its own number.</summary>
    public void Add(string name, string original, string ours, double value, double most, string budget) =>
        Add(name, original, ours, budget, value <= most);

    /// <summary>Adds a line whose budget is kept or not.</summary>
    public void Add(string name, string original, string ours, string budget, bool met) => Row(name, original, ours, "", budget, met);

    /// <summary>Adds a line without a budget, which explains the one above it.</summary>
    public void Add(string name, string original, string ours) =>
        _rows.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {original} | {ours} | | | |");

    /// <summary>The table, and what it says about the budgets.</summary>
    public string Text() => $"""
        | what | {first} | {second} | ratio | budget | |
        |---|---|---|---|---|---|
        {_rows.ToString().TrimEnd()}

        {(_missed.Count == 0 ? "Every budget above is met." : $"Missed: {string.Join("; ", _missed)}.")}
        """;

    private void Row(string name, string original, string ours, string ratio, string budget, bool met)
    {
        _rows.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {original} | {ours} | {ratio} | {budget} | {Report.Verdict(met)} |");
        if (!met)
            _missed.Add(name);
    }

    private static string Spread(Median median, Func<double, string> show) =>
        $"{show(median.Value)} ({show(median.Least)} - {show(median.Most)})";
}
