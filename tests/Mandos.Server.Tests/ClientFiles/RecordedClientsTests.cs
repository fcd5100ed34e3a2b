using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>
/// Each recorded case of the original (tests/golden/clients-conf-parse-observations.txt). The recordings used short key
/// IDs, which are refused here; where the key is not the subject, a whole one stands in its place.
/// </summary>
public sealed partial class RecordedClientsTests : IDisposable
{
    private static readonly Dictionary<string, string> Inputs = new()
    {
        ["basic"] = "[a]\nkey_id = KEY\nsecret = c2VjcmV0\n",
        ["colon"] = "[a]\nkey_id: d99d f7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23\nsecret: c2VjcmV0\n",
        ["uppercase key"] = "[a]\nKEY_ID = KEY\nSECRET = c2VjcmV0\n".Replace("KEY_ID", "Key_ID", StringComparison.Ordinal),
        ["continuation"] = "[a]\nkey_id = KEY\nsecret =\n  c2Vj\n  cmV0\n",
        ["continuation with blank line"] = "[a]\nkey_id = KEY\nsecret =\n  c2Vj\n\n  cmV0\n",
        ["comment inside continuation"] = "[a]\nkey_id = KEY\nsecret =\n  c2Vj\n# abcd\n  cmV0\n",
        ["comment indented inside continuation"] = "[a]\nkey_id = KEY\nsecret =\n  c2Vj\n  # abcd\n  cmV0\n",
        ["inline comment ;"] = "[a]\nkey_id = ab;foo\nsecret = c2VjcmV0\n",
        ["inline comment #"] = "[a]\nkey_id = KEY\nhost = x # foo\nsecret = c2VjcmV0\n",
        ["bad base64"] = "[a]\nkey_id = KEY\nsecret = !!!\n",
        ["base64 no padding"] = "[a]\nkey_id = KEY\nsecret = c2VjcmU\n",
        ["base64 with junk"] = "[a]\nkey_id = KEY\nsecret = c2!V-j_cm V0\n",
        ["no secret"] = "[a]\nkey_id = KEY\n",
        ["no key_id or fpr"] = "[a]\nsecret = c2VjcmV0\n",
        ["no key_id no secret"] = "[a]\nhost = x\n",
        ["dup section"] = "[a]\nkey_id = KEY\nsecret = c2VjcmV0\n[a]\nhost = x\n",
        ["dup option"] = "[a]\nkey_id = KEY\nhost = x\nHost = y\nsecret = c2VjcmV0\n",
        ["no value"] = "[a]\nkey_id = KEY\nsecret\n",
        ["pre-section"] = "key_id = KEY\n[a]\nsecret = c2VjcmV0\n",
        ["DEFAULT override"] = "[DEFAULT]\ntimeout = 1h\n[a]\nkey_id = KEY\nsecret = c2VjcmV0\n",
        ["lowercase default"] = "[default]\ntimeout = 1h\n[a]\nkey_id = KEY\nsecret = c2VjcmV0\n",
        ["key in DEFAULT"] = "[DEFAULT]\nhost = 1\n[a]\nkey_id = KEY\nsecret = c2VjcmV0\n",
        ["interp"] = "[a]\nkey_id = KEY\ncount = 5\nchecker = ping %%(host)s %(count)s\nsecret = c2VjcmV0\n",
        ["interp missing"] = "[a]\nkey_id = KEY\nchecker = ping %(nosuch)s\nsecret = c2VjcmV0\n",
        ["interp bad"] = "[a]\nkey_id = KEY\nchecker = date +%s\nsecret = c2VjcmV0\n",
        ["interp recursive"] = "[a]\nkey_id = KEY\none = %(two)s\ntwo = hi\nchecker = %(one)s\nsecret = c2VjcmV0\n",
        ["percent4"] = "[a]\nkey_id = KEY\nchecker = date +%%%%s\nsecret = c2VjcmV0\n",
        ["bool yes"] = "[a]\nkey_id = KEY\napproved_by_default = No\nenabled = YES\nsecret = c2VjcmV0\n",
        ["bool bad"] = "[a]\nkey_id = KEY\nenabled = maybe\nsecret = c2VjcmV0\n",
        ["empty timeout"] = "[a]\nkey_id = KEY\ntimeout =\nsecret = c2VjcmV0\n",
        ["section with spaces"] = "[ my client ]\nkey_id = KEY\nsecret = c2VjcmV0\n",
        ["section with ]"] = "[a]b]\nkey_id = KEY\nsecret = c2VjcmV0\n",
        ["section trailing junk"] = "[a] junk\nkey_id = KEY\nsecret = c2VjcmV0\n",
        ["secret empty"] = "[a]\nkey_id = KEY\nsecret =\n",
        ["secret and secfile"] = "[a]\nkey_id = KEY\nsecfile = /nonexistent\nsecret = c2VjcmV0\n",
        ["secfile nonexist"] = "[a]\nkey_id = KEY\nsecfile = /nonexistent/file\n",
        ["secfile env"] = "[a]\nkey_id = KEY\nsecfile = $FOLDER/secret\n",
        ["secfile env brace"] = "[a]\nkey_id = KEY\nsecfile = ${FOLDER}/secret\n",
        ["value with ="] = "[a]\nkey_id = KEY\nhost = a=b:c\nsecret = c2VjcmU=\n",
        ["indented first key"] = "[a]\n  key_id = KEY\nsecret = c2VjcmV0\n",
        ["indented second key"] = "[a]\nkey_id = KEY\n  secret = c2VjcmV0\n",
        ["BOM"] = "\ufeff[a]\nkey_id = KEY\nsecret = c2VjcmV0\n",
        ["CRLF"] = "[a]\r\nkey_id = KEY\r\nsecret = c2VjcmV0\r\n",
        ["tab spaces in keyid"] = "[a]\nkey_id = ab\t cd\nsecret = c2VjcmV0\n",
        ["keyid multi-line"] = "[a]\nkey_id = ab\n  cd\nsecret = c2VjcmV0\n",
        ["name conflict dots"] = "[a.b]\nkey_id = KEY\nsecret = c2VjcmV0\n[a-b]\nkey_id = OTHERKEY\nsecret = c2VjcmV0\n",
        ["short line int"] = "[a]\nkey_id = KEY\ntimeout = 5\nsecret = c2VjcmV0\n",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;

    public RecordedClientsTests() => File.WriteAllBytes(Path.Combine(_folder, "secret"), "raw\0\n"u8.ToArray());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Labels() => [.. Recorded().Select(r => r.Label).Distinct()];

    [Fact]
    public void Every_recording_has_its_input() => Assert.Equal(Inputs.Keys.Order(), Recorded().Select(r => r.Label).Distinct().Order());

    [Theory]
    [MemberData(nameof(Labels))]
    public void A_recorded_file_is_read_as_the_original_reads_it(string label)
    {
        using var file = new ClientFile(Inputs[label], new() { ["FOLDER"] = _folder });

        foreach (var (_, recorded) in Recorded().Where(r => r.Label == label))
        {
            var error = ErrorName().Match(recorded).Groups[1].Value;
            var isOfFile = error is "DuplicateSectionError" or "DuplicateOptionError" or "ParsingError" or "MissingSectionHeaderError";
            var key = Field(recorded, "key_id");
            // Left out: what stopped the original, what it skipped, and (ours) a key that no client can have.
            var leftOut = error.Length > 0 || recorded == "{}" || key is "AB;FOO" or "AB\\tCD" or "AB\\nCD";

            Assert.Equal(isOfFile, file.IsRefused);
            if (leftOut)
                Assert.Empty(file.Clients);
            else
                Assert.Contains(Describe(recorded), file.Clients.Select(Describe));
            // Told as well, unlike with the original: [default] is no client, and hardly what was meant.
            Assert.Equal(leftOut, file.Problems.Any(p => !p.IsWarning && !p.Reason.Contains("[default]", StringComparison.Ordinal)));
        }
    }

    private static IEnumerable<(string Label, string Recorded)> Recorded() =>
        Golden.Text("clients-conf-parse-observations.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(" -> ", 2)).Select(parts => (parts[0], parts[1]));

    private static string Describe(string recorded) => string.Join('|',
        ClientName().Match(recorded).Groups[1].Value,
        Field(recorded, "host"), Field(recorded, "approved_by_default"), Field(recorded, "enabled"), Field(recorded, "fingerprint"),
        Field(recorded, "secret"), Seconds(recorded, "timeout"), Seconds(recorded, "interval"), Field(recorded, "checker_command"));

    private static string Describe(Mandos.Server.Clients.ClientDefinition client) => string.Join('|',
        client.Name, client.Settings.Host, client.Settings.ApprovedByDefault, client.Enabled, client.Fingerprint,
        Encoding.Latin1.GetString(client.Secret.Memory.Span)
            .Replace("\0", "\\x00", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal),
        client.Settings.Timeout.Value.TotalSeconds, client.Settings.Interval.Value.TotalSeconds, client.Settings.Checker);

    private static string Field(string recorded, string name) =>
        Regex.Match(recorded, $"'{name}': (?:b?'([^']*)'|(True|False))") is { Success: true } match
            ? match.Groups[1].Value + match.Groups[2].Value
            : "";

    private static double Seconds(string recorded, string name) =>
        double.Parse(
            Regex.Match(recorded, $"'{name}': datetime.timedelta\\((?:seconds=)?(\\d+)\\)").Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^ERR (\\w+)$")]
    private static partial Regex ErrorName();

    [GeneratedRegex("^'(.*?)' \\{")]
    private static partial Regex ClientName();
}
