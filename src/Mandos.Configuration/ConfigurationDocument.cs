using System.Text;
using Mandos.Core.Secrets;

namespace Mandos.Configuration;

/// <summary>
/// A parsed configuration file. All values are in locked memory, because some are secrets; they are borrowed as spans, and become strings
/// only when a caller needs one.
/// </summary>
internal sealed class ConfigurationDocument : IDisposable
{
    private const int LongestReference = 256;

    private readonly SecretBuffer _values;
    private readonly Dictionary<string, byte[]> _builtIn;
    private readonly ConfigurationDocument? _main;
    private HashSet<string>? _references;

    /// <summary>Takes over <paramref name="values"/>.</summary>
    /// <param name="file">The name of the file, for messages.</param>
    /// <param name="defaults">The content of <c>[DEFAULT]</c>.</param>
    /// <param name="sections">The other sections, in the order of the file.</param>
    /// <param name="values">The concatenated values in UTF-8.</param>
    /// <param name="builtIn">The values of options that no file sets, before interpolation.</param>
    /// <param name="main">The document whose <c>[DEFAULT]</c> applies where this file says nothing; null if this is the only file.</param>
    internal ConfigurationDocument(
        string file, ConfigurationSection defaults, IReadOnlyList<ConfigurationSection> sections, SecretBuffer values,
        IReadOnlyDictionary<string, string> builtIn, ConfigurationDocument? main)
    {
        File = file;
        Defaults = defaults;
        Sections = sections;
        _values = values;
        _builtIn = builtIn.ToDictionary(option => option.Key, option => Encoding.UTF8.GetBytes(option.Value), StringComparer.Ordinal);
        _main = main;
    }

    /// <summary>The file's name.</summary>
    internal string File { get; }

    /// <summary>The section <c>[DEFAULT]</c>, empty if the file has none.</summary>
    internal ConfigurationSection Defaults { get; }

    /// <summary>The other sections, in the order of the file.</summary>
    internal IReadOnlyList<ConfigurationSection> Sections { get; }

    /// <summary>
    /// Finds the effective value of an option in a section: its own, or that of <c>[DEFAULT]</c> in this file, or in the main one, or the
    /// built-in one.
    /// </summary>
    /// <param name="section">The section, which may be <see cref="Defaults"/>.</param>
    /// <param name="name">The option, lower case.</param>
    /// <param name="raw">The value before interpolation, UTF-8.</param>
    /// <param name="place">The position of the value; without a line if it is built in.</param>
    internal bool TryFind(ConfigurationSection section, string name, out ReadOnlySpan<byte> raw, out ConfigurationPlace place)
    {
        if (section.Options.TryGetValue(name, out var option) || Defaults.Options.TryGetValue(name, out option))
        {
            raw = ValueOf(option);
            place = new(File, option.Line);
            return true;
        }

        if (_main is not null)
            return _main.TryFind(_main.Defaults, name, out raw, out place);
        place = default;
        var found = _builtIn.TryGetValue(name, out var text);
        raw = text;
        return found;
    }

    /// <summary>Returns a document with only a copy of <c>[DEFAULT]</c>.</summary>
    internal ConfigurationDocument DefaultsAlone()
    {
        var values = new SecretBuffer(Defaults.Options.Values.Sum(option => option.Length));
        var defaults = new ConfigurationSection(Defaults.Name, Defaults.Line);
        foreach (var (name, option) in Defaults.Options)
        {
            defaults.Options.Add(name, option with { Start = values.Length });
            values.Append(ValueOf(option));
        }

        var builtIn = _builtIn.ToDictionary(option => option.Key, option => Encoding.UTF8.GetString(option.Value), StringComparer.Ordinal);
        return new ConfigurationDocument(File, defaults, [], values, builtIn, main: null);
    }

    /// <summary>Whether <c>[DEFAULT]</c> is the same in both, on the same lines.</summary>
    internal bool HasDefaultsOf(ConfigurationDocument other)
    {
        if (Defaults.Options.Count != other.Defaults.Options.Count)
            return false;
        foreach (var (name, option) in Defaults.Options)
        {
            if (!other.Defaults.Options.TryGetValue(name, out var its)
                || its.Line != option.Line
                || !ValueOf(option).SequenceEqual(other.ValueOf(its)))
                return false;
        }

        return true;
    }

    /// <summary>Returns the value of an option as written, in UTF-8.</summary>
    internal ReadOnlySpan<byte> ValueOf(ConfigurationOption option) => _values.Span.Slice(option.Start, option.Length);

    /// <summary>Returns every option that has a value in a section.</summary>
    internal IEnumerable<string> NamesIn(ConfigurationSection section) =>
        section.Options.Keys.Union(Defaults.Options.Keys).Union(_main?.NamesIn(_main.Defaults) ?? _builtIn.Keys);

    /// <summary>Whether any value in this file refers to an option by <c>%(name)s</c>, so that the option has a purpose.</summary>
    /// <remarks>Every section may call this: the values are searched only once.</remarks>
    internal bool Refers(string name) => (_references ??= References()).Contains(name);

    private HashSet<string> References()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        ReadOnlySpan<byte> rest = _values.Span;
        while (rest.IndexOf("%("u8) is >= 0 and var start)
        {
            rest = rest[(start + 2)..];
            var end = rest.IndexOf(")s"u8);
            if (end < 0)
                break;
            // A longer name cannot be a typing error.
            if (end <= LongestReference)
                names.Add(Encoding.UTF8.GetString(rest[..end]));
        }

        return names;
    }

    /// <summary>Wipes the values.</summary>
    public void Dispose() => _values.Dispose();
}
