using System.Runtime.InteropServices;
using Mandos.Core.Secrets;
using Mandos.Core.Text;

namespace Mandos.Server.Configuration;

/// <summary>
/// The grammar of mandos.conf and clients.conf: that of Python 3's <c>configparser</c> in strict mode.
/// </summary>
/// <remarks>
/// <code>
///   # a comment; so is a line that begins with ;            blank lines and comments may stand anywhere
///   [section]        name up to the last ] of the line      [DEFAULT] gives values to all others
///   key = value      or key: value; the first = or : counts, no comment may follow on the line
///       more         indented deeper than the key: goes on with the value, behind a line end
/// </code>
/// A section or an option that comes twice is an error, and so is a line that is none of these. All errors are reported,
/// not just the first.
/// </remarks>
internal ref struct ConfigurationParser
{
    private const string DefaultSection = "DEFAULT";

    private readonly string _file;
    private readonly ReadOnlySpan<char> _text;
    private readonly List<ConfigurationProblem> _problems;
    private readonly List<ConfigurationSection> _sections = [];
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly ConfigurationSection _defaults = new(DefaultSection, 0);
    private readonly SecretBuffer _values;
    private readonly List<Range> _valueLines = [];
    private ConfigurationSection? _section;
    private string? _option;
    private int _optionLine;
    private int _indent;
    private bool _headerMissed;

    private ConfigurationParser(string file, ReadOnlySpan<char> text, SecretBuffer values, List<ConfigurationProblem> problems)
    {
        _file = file;
        _text = text;
        _values = values;
        _problems = problems;
    }

    /// <summary>Parses a whole file; null if there is an error in it, then <paramref name="problems"/> tell which.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="text">Its content.</param>
    /// <param name="builtIn">Values that hold where the file says nothing.</param>
    /// <param name="main">The file whose <c>[DEFAULT]</c> holds for this one too, if it is not the main one itself.</param>
    /// <param name="problems">Errors are added here.</param>
    internal static ConfigurationDocument? Parse(
        string file, ReadOnlySpan<char> text, IReadOnlyDictionary<string, string> builtIn, ConfigurationDocument? main, List<ConfigurationProblem> problems)
    {
        var before = problems.Count;
        // Values are never longer than the text that they are taken from.
        var values = new SecretBuffer(text.Length * sizeof(char));
        var parser = new ConfigurationParser(file, text, values, problems);
        parser.ReadLines();
        if (problems.Count == before)
            return new ConfigurationDocument(file, parser._defaults, parser._sections, values, builtIn, main);
        values.Dispose();
        return null;
    }

    private void ReadLines()
    {
        if (_text is ['\ufeff', ..])
        {
            Refuse(1, "the file begins with a byte order mark; save it as UTF-8 without one");
            _headerMissed = true;
        }

        var number = 0;
        for (var start = 0; start < _text.Length; number++)
        {
            // Universal newlines: LF, CR LF and a lone CR all end a line.
            var length = _text[start..].IndexOfAny('\n', '\r');
            var end = length < 0 ? _text.Length : start + length;
            ReadLine(number + 1, start, end);
            start = end + (end + 1 < _text.Length && _text[end] == '\r' && _text[end + 1] == '\n' ? 2 : 1);
        }

        FinishOption();
    }

    private void ReadLine(int number, int start, int end)
    {
        var indent = -start;
        while (start < end && PythonText.IsSpace(_text[start]))
            start++;
        indent += start;
        end = start + PythonText.Strip(_text[start..end]).Length;
        var line = _text[start..end];
        if (line is ['#' or ';', ..])
            return;
        if (line.IsEmpty)
        {
            if (_option is not null)
                _valueLines.Add(start..start);
        }
        else if (_option is not null && indent > _indent)
        {
            _valueLines.Add(start..end);
        }
        else
        {
            FinishOption();
            _indent = indent;
            if (line[0] == '[' && line.LastIndexOf(']') is >= 2 and var close)
                OpenSection(number, line[1..close].ToString());
            else if (_section is null)
                MissHeader(number);
            else
                OpenOption(number, start, line);
        }
    }

    private void OpenSection(int number, string name)
    {
        if (name == DefaultSection)
        {
            _section = _defaults;
            return;
        }

        if (!_lines.TryAdd(name, number))
            Refuse(number, $"section [{name}] is there twice, first in line {_lines[name]}");
        _section = new ConfigurationSection(name, number);
        _sections.Add(_section);
    }

    private void MissHeader(int number)
    {
        if (!_headerMissed)
            Refuse(number, "there is an option before the first [section]");
        _headerMissed = true;
    }

    private void OpenOption(int number, int start, ReadOnlySpan<char> line)
    {
        var delimiter = line.IndexOfAny('=', ':');
        var name = delimiter < 0 ? "" : PythonText.Lower(PythonText.Strip(line[..delimiter]).ToString());
        if (name.Length == 0)
        {
            Refuse(number, delimiter < 0
                ? "the line is no [section], no 'key = value' and no continuation of the line above"
                : $"there is no key before the '{line[delimiter]}'");
            return;
        }

        if (_section!.Options.TryGetValue(name, out var first))
            Refuse(number, $"'{name}' is there twice in section [{_section.Name}], first in line {first.Line}");
        (_option, _optionLine) = (name, number);
        var value = PythonText.Strip(line[(delimiter + 1)..]);
        var offset = start + line.Length - value.Length;
        _valueLines.Add(offset..(offset + value.Length));
    }

    /// <summary>Joins the lines of the value; blank ones at its end are none of it.</summary>
    private void FinishOption()
    {
        if (_option is null)
            return;
        var start = _values.Length / sizeof(char);
        for (var i = 0; i < _valueLines.Count; i++)
        {
            if (i > 0)
                _values.Append(MemoryMarshal.AsBytes<char>(['\n']));
            _values.Append(MemoryMarshal.AsBytes(_text[_valueLines[i]]));
        }

        var length = PythonText.StripEnd(MemoryMarshal.Cast<byte, char>(_values.Span)[start..]).Length;
        _values.SetLength((start + length) * sizeof(char));
        // False for one that was there already and has been refused.
        _ = _section!.Options.TryAdd(_option, new(_optionLine, start, length));
        _valueLines.Clear();
        _option = null;
    }

    private readonly void Refuse(int line, string reason) => _problems.Add(new(_file, line, reason));
}
