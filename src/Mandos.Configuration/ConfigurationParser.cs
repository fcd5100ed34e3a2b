using System.Text;
using Mandos.Core.Secrets;
using Mandos.Core.Text;

namespace Mandos.Configuration;

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
    private readonly Span<byte> _text;
    private readonly List<ConfigurationProblem> _problems;
    private readonly List<ConfigurationSection> _sections = [];
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly ConfigurationSection _defaults = new(DefaultSection, 0);
    private readonly SecretText _line;
    private ConfigurationSection? _section;
    private string? _option;
    private int _optionLine;
    private int _indent;
    private bool _headerMissed;

    /// <summary>The start of the value, and the end of the part that is kept, which is never after what was read.</summary>
    private int _valueStart;
    private int _kept;

    private ConfigurationParser(string file, Span<byte> text, SecretText line, List<ConfigurationProblem> problems)
    {
        _file = file;
        _text = text;
        _line = line;
        _problems = problems;
    }

    /// <summary>Parses a whole file; null if it has errors; <paramref name="problems"/> then lists them.</summary>
    /// <param name="file">The name of the file, for messages.</param>
    /// <param name="text">Its content in UTF-8, taken over: the values move to its beginning, so that a large file needs memory only
    /// once.</param>
    /// <param name="builtIn">The values of options that the file does not set.</param>
    /// <param name="main">The file whose <c>[DEFAULT]</c> applies to this one too; null for the main file itself.</param>
    /// <param name="problems">Errors are added here.</param>
    internal static ConfigurationDocument? Parse(
        string file, SecretBuffer text, IReadOnlyDictionary<string, string> builtIn, ConfigurationDocument? main,
        List<ConfigurationProblem> problems)
    {
        var before = problems.Count;
        using var line = new SecretText();
        var parser = new ConfigurationParser(file, text.Span, line, problems);
        parser.ReadLines();
        if (problems.Count == before)
        {
            text.SetLength(parser._kept);
            return new ConfigurationDocument(file, parser._defaults, parser._sections, text, builtIn, main);
        }

        text.Dispose();
        return null;
    }

    private void ReadLines()
    {
        if (_text.StartsWith("\ufeff"u8))
        {
            Refuse(1, "the file begins with a byte order mark; save it as UTF-8 without one");
            _headerMissed = true;
        }

        var number = 0;
        for (var start = 0; start < _text.Length; number++)
        {
            // Universal newlines: LF, CR LF and a lone CR all end a line.
            var length = _text[start..].IndexOfAny((byte)'\n', (byte)'\r');
            var end = length < 0 ? _text.Length : start + length;
            var next = end + (end + 1 < _text.Length && _text[end] == '\r' && _text[end + 1] == '\n' ? 2 : 1);
            _line.Clear();
            _line.AppendUtf8(_text[start..end]);
            ReadLine(number + 1, _line.Span);
            start = next;
        }

        FinishOption();
    }

    private void ReadLine(int number, ReadOnlySpan<char> line)
    {
        var indent = 0;
        while (indent < line.Length && PythonText.IsSpace(line[indent]))
            indent++;
        line = PythonText.StripEnd(line[indent..]);
        if (line is ['#' or ';', ..])
            return;
        if (line.IsEmpty)
        {
            if (_option is not null)
                Keep("\n");
        }
        else if (_option is not null && indent > _indent)
        {
            Keep("\n");
            Keep(line);
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
                OpenOption(number, line);
        }
    }

    /// <summary>Appends a part of the value to what is kept, over text that was already read.</summary>
    private void Keep(ReadOnlySpan<char> value) => _kept += Encoding.UTF8.GetBytes(value, _text[_kept..]);

    private void OpenSection(int number, string name)
    {
        if (name == DefaultSection)
        {
            _section = _defaults;
            return;
        }

        if (!_lines.TryAdd(name, number))
            Refuse(number, $"section [{name}] is a duplicate, first on line {_lines[name]}");
        _section = new ConfigurationSection(name, number);
        _sections.Add(_section);
    }

    private void MissHeader(int number)
    {
        if (!_headerMissed)
            Refuse(number, "there is an option before the first [section]");
        _headerMissed = true;
    }

    private void OpenOption(int number, ReadOnlySpan<char> line)
    {
        var delimiter = line.IndexOfAny('=', ':');
        var name = delimiter < 0 ? "" : PythonText.Lower(PythonText.Strip(line[..delimiter]).ToString());
        if (name.Length == 0)
        {
            Refuse(number, delimiter < 0
                ? "the line is not a [section], a 'key = value' or a continuation of the line above"
                : $"no key before the '{line[delimiter]}'");
            return;
        }

        if (_section!.Options.TryGetValue(name, out var first))
            Refuse(number, $"'{name}' is a duplicate in section [{_section.Name}], first on line {first.Line}");
        (_option, _optionLine, _valueStart) = (name, number, _kept);
        Keep(PythonText.Strip(line[(delimiter + 1)..]));
    }

    /// <summary>Finishes a value, without the blank lines at its end; each line is already stripped.</summary>
    private void FinishOption()
    {
        if (_option is null)
            return;
        while (_kept > _valueStart && _text[_kept - 1] == '\n')
            _kept--;
        // False for a duplicate, which has been reported.
        _ = _section!.Options.TryAdd(_option, new(_optionLine, _valueStart, _kept - _valueStart));
        _option = null;
    }

    private readonly void Refuse(int line, string reason) => _problems.Add(new(_file, line, reason));
}
