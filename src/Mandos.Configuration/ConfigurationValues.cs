using System.Globalization;
using System.Text;
using Mandos.Core.Durations;
using Mandos.Core.Text;

namespace Mandos.Configuration;

/// <summary>
/// Typed access to the values of one section. Each invalid value is reported once, with file and line, and treated as missing.
/// </summary>
internal class ConfigurationValues(ConfigurationDocument document, ConfigurationSection section, List<ConfigurationProblem> problems)
    : IDisposable
{
    private readonly SecretText _scratch = new();

    /// <summary>The section's name.</summary>
    internal string Name => section.Name;

    /// <summary>Where the section begins.</summary>
    internal ConfigurationPlace Place => new(document.File, section.Line);

    /// <summary>Whether there is a value, valid or not.</summary>
    internal bool Has(string name) => document.TryFind(section, name, out _, out _);

    /// <summary>The value as written, without interpolation; null if there is none.</summary>
    internal string? Raw(string name) => document.TryFind(section, name, out var raw, out _) ? Encoding.UTF8.GetString(raw) : null;

    /// <summary>The value after interpolation; null if there is none or it is invalid.</summary>
    internal string? Text(string name) => TryExpand(name, out var text) ? text.ToString() : null;

    /// <summary>Words with commas or line ends between them; none if there is no value or it is invalid.</summary>
    internal string[] Words(string name) =>
        (Text(name) ?? "").Split((char[])[',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Gets a value that may be a secret, after interpolation; borrowed until the next call.</summary>
    /// <returns>False if it is missing or invalid.</returns>
    internal bool TryExpand(string name, out ReadOnlySpan<char> text)
    {
        text = default;
        if (!document.TryFind(section, name, out var raw, out _))
            return false;
        _scratch.Clear();
        var error = Interpolation.Expand(document, section, raw, _scratch);
        if (error is not null)
            Refuse(name, error);
        text = _scratch.Span;
        return error is null;
    }

    /// <summary>A boolean: 1, yes, true, on; 0, no, false, off; case is ignored.</summary>
    internal bool? Boolean(string name)
    {
        if (!TryExpand(name, out var text))
            return null;
        switch (PythonText.Lower(text.ToString()))
        {
            case "1" or "yes" or "true" or "on":
                return true;
            case "0" or "no" or "false" or "off":
                return false;
            case var other:
                Refuse(name, $"'{other}' is neither true nor false");
                return null;
        }
    }

    /// <summary>An integer within limits; an empty value counts as missing.</summary>
    internal int? Integer(string name, int minimum, int maximum)
    {
        if (!TryExpand(name, out var text) || text.IsEmpty)
            return null;
        if (PythonText.TryParseInteger(text, out var value) && value >= minimum && value <= maximum)
            return (int)value;
        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"'{text}' is not an integer from {minimum} to {maximum}"));
        return null;
    }

    /// <summary>A duration.</summary>
    internal Duration? Duration(string name)
    {
        if (!TryExpand(name, out var text))
            return null;
        if (Core.Durations.Duration.TryParse(text.ToString(), out var duration, out var error))
            return duration;
        Refuse(name, DurationSuggestion.Of(text.ToString()) is { } suggestion ? $"{error}; write {suggestion}" : error);
        return null;
    }

    /// <summary>Reports that the value of an option is invalid, with its position; or that of the section if there is no value.</summary>
    internal void Refuse(string name, string reason) => Report(name, reason, isWarning: false);

    /// <summary>Warns that the value of an option is probably a mistake.</summary>
    internal void Warn(string name, string reason) => Report(name, reason, isWarning: true);

    private void Report(string name, string reason, bool isWarning)
    {
        _ = document.TryFind(section, name, out _, out var place);
        var where = ReferenceEquals(section, document.Defaults) ? "" : $"[{section.Name}] ";
        if (place.Line == 0)
            place = Place;
        problems.Add(new(place.File, place.Line, $"{where}{name}: {reason}", isWarning));
    }

    /// <summary>Reports a problem with the whole section.</summary>
    internal void Report(string reason, bool isWarning) =>
        problems.Add(new(document.File, section.Line, $"client [{section.Name}] {reason}", isWarning));

    /// <summary>Wipes the last value.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Wipes the last value.</summary>
    protected virtual void Dispose(bool disposing) => _scratch.Dispose();
}
