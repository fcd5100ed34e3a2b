using System.Globalization;
using System.Text;

namespace Mandos.Web.Metrics;

/// <summary>
/// Writes the text format of OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/): families with their type, unit and
/// help, samples with labels, and <c># EOF</c> at the end.
/// </summary>
internal sealed class OpenMetrics
{
    internal const string ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly StringBuilder _text = new();
    private string _family = "";

    /// <summary>Begins a family; its samples follow.</summary>
    /// <param name="name">The name, without <c>_total</c>.</param>
    /// <param name="type">gauge, counter, summary or info.</param>
    /// <param name="help">A sentence.</param>
    /// <param name="unit">The unit, which is also the end of the name; null if there is none.</param>
    internal void Family(string name, string type, string help, string? unit = null)
    {
        _family = name;
        _text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n");
        if (unit is not null)
            _text.Append(CultureInfo.InvariantCulture, $"# UNIT {name} {unit}\n");
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(help)}\n");
    }

    /// <summary>Writes a sample of the family.</summary>
    /// <param name="value">The value.</param>
    /// <param name="suffix">_total, _sum, _count, _info; empty for a gauge.</param>
    /// <param name="labels">Names and values.</param>
    internal void Sample(double value, string suffix = "", params (string Name, string Value)[] labels)
    {
        _text.Append(_family).Append(suffix);
        if (labels.Length > 0)
            _text.Append('{').AppendJoin(',', labels.Select(label => $"{label.Name}=\"{Escape(label.Value)}\"")).Append('}');
        _text.Append(CultureInfo.InvariantCulture, $" {value:R}\n");
    }

    /// <summary>The whole text.</summary>
    internal string End() => _text.Append("# EOF\n").ToString();

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal);
}
