using System.Text;
using CsCheck;
using Mandos.Configuration;

namespace Mandos.Server.Tests.Configuration;

/// <summary>Our grammar and Python 3's configparser agree on generated files: on what is refused, and on every value of the rest.</summary>
[Trait("Needs", "python3")]
public sealed class ConfigurationDifferentialTests
{
    private static readonly Dictionary<string, string> BuiltIn =
        new() { ["timeout"] = "PT5M", ["checker"] = "fping -q -- %%(host)s", ["host"] = "" };

    private static readonly Gen<string> Indent = Any("", "", "", "", " ", "  ", "\t", "\u00a0", "\x1c", "\x0c ");

    private static readonly Gen<string> LineEnd = Any("\n", "\n", "\n", "\r\n", "\r", "");

    private static readonly Gen<string> Name = Any("a", "b", "A", "host", "timeout", "two words", "İ", "ΑΣ", "é", "a.b", "c", "d");

    private static readonly Gen<string> Noise = Gen.Char["[]=:#;%()s aA\t\v\f\x1c\x1f\x85\u00a0\u2028\ufeff\0İΣé"].Array[0, 12].Select(
        characters => new string(characters));

    private static readonly Gen<string> Value = Gen.OneOf(
        Noise,
        Any("", "value", "x ; y", "x # y", "50%", "100%%", "%", "%(", "%()s", "%(a", "%(a)", "%(a)d", "%(nosuch)s", "a=b:c", "[x]"),
        Name.Select(name => $"<%({name})s>"),
        Gen.Select(Name, Name, (one, two) => $"%({one})s%%%({two})s"));

    private static readonly Gen<string> Line = Gen.Frequency(
        (
            4,
            Gen.Select(
                Name, Any("=", ":", " = ", " : ", "\t=\t", "\u00a0=\u2003"), Value, (name, delimiter, value) => name + delimiter + value)),
        (2, Any("[DEFAULT]", "[default]", "[a]", "[b]", "[c] rest", "[ d ]", "[e]f]", "[g", "[]", "[]]", "[DEFAULT]x]", "[h] = 1")),
        (1, Name.Select(name => $"[{name}]")),
        (1, Any("", " ", "# comment", "; comment", "#", "word", "= x", ": x", "more words", "\ufeff[a]")),
        (1, Noise));

    private static readonly Gen<byte[]> AnyFile =
        Gen.Select(
            Indent, Line, LineEnd,
            (indent, line, end) => indent + line + end).Array[0, 12].Select(lines => Encoding.UTF8.GetBytes(string.Concat(lines)));

    /// <summary>Files that begin well and have every name once, so that values are compared rather than refusals.</summary>
    private static readonly Gen<byte[]> GoodFile =
        Gen.Select(
            Any("[DEFAULT]\n", "[x]\n", "# first\n\n[x]\r\n"),
            Gen.Select(
                Value, Any("", "\n", "\n\n", "\n# c\n", "\n  ; c\n"), Indent, Value,
                (one, gap, indent, two) => $"= {one}{gap}{(gap.Length == 0 ? "" : " " + indent + two)}\n").Array[5],
            Value,
            (head, values, last) =>
                Encoding.UTF8.GetBytes($"{head}a {values[0]}b {values[1]}host {values[2]}[y]\nC {values[3]}d {values[4]}e = {last}"));

    [Fact]
    public void Every_generated_file_is_read_as_Python_reads_it() => Compare(AnyFile);

    [Fact]
    public void Every_value_in_a_well_formed_file_is_the_same_as_in_Python() => Compare(GoodFile);

    [Fact]
    public void References_nest_as_deeply_as_in_Python()
    {
        var chains = Enumerable.Range(8, 5).Select(depth => Encoding.UTF8.GetBytes(
            "[x]\n" + string.Concat(Enumerable.Range(0, depth).Select(i => $"o{i} = %(o{i + 1})s\n")) + $"o{depth} = end\n"));
        CompareBatch([.. chains, .. chains.Select(c => (byte[])[.. c, .. "%%"u8])]);
    }

    [Fact]
    public void Invalid_UTF8_is_refused_by_both() =>
        CompareBatch(
            [[(byte)'[', 0xff, (byte)']'], [.. "[a]\nb = "u8, 0xc3], [.. "[a]\nb = "u8, 0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf, .. "[a]\n"u8],
                []]);

    private static Gen<string> Any(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static void Compare(Gen<byte[]> file) =>
        file.Array[400].Sample(CompareBatch, iter: 8, threads: 1, print: _ => "see the message");

    private static void CompareBatch(byte[][] files)
    {
        var answers = PythonPeer.Read(files, BuiltIn);
        foreach (var (file, expected) in files.Zip(answers))
            Assert.True(
                Describe(expected) == Describe(Ours(file)),
                $"file: {Encoding.UTF8.GetString(file).Replace("\n", "\\n\n")}\npython: {Describe(expected)}\nours: "
                    + $"{Describe(Ours(file))}");
    }

    private static Dictionary<string, Dictionary<string, string?[]>>? Ours(byte[] file)
    {
        var problems = new List<ConfigurationProblem>();
        using var document = ConfigurationFile.Parse("test.conf", file, BuiltIn, problems);
        Assert.Equal(document is null, problems.Count > 0);
        return document?.Sections.Prepend(document.Defaults).ToDictionary(s => s.Name, s =>
        {
            using var values = new ConfigurationValues(document, s, problems);
            return document.NamesIn(s).ToDictionary(name => name, name => new[] { values.Raw(name), values.Text(name) });
        });
    }

    private static string Describe(Dictionary<string, Dictionary<string, string?[]>>? content) =>
        content is null ? "refused" : string.Join('\n', content.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s =>
            $"{Quote(s.Key)}: "
                + string.Join(
                    ", ",
                    s.Value.OrderBy(o => o.Key, StringComparer.Ordinal).Select(
                        o => $"{Quote(o.Key)}={Quote(o.Value[0])}->{Quote(o.Value[1])}"))));

    private static string Quote(string? text) => text is null ? "error" : System.Text.Json.JsonSerializer.Serialize(text);
}
