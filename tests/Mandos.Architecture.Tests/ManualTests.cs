using System.Text.RegularExpressions;

namespace Mandos.Architecture.Tests;

/// <summary>The manual pages look alike, and are found under their names.</summary>
public sealed partial class ManualTests
{
    public static TheoryData<string> Pages =>
        [.. Directory.GetFiles(Path.Combine(Golden.Root, "docs/man")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>A date that stands in the page, not that of the build: the same sources give the same bytes.</summary>
    [Theory, MemberData(nameof(Pages))]
    public void A_manual_page_starts_with_its_name_section_date_and_version(string file)
    {
        var (name, section) = (Path.GetFileNameWithoutExtension(file), Path.GetExtension(file)[1..]);
        var title = Title().Match(Lines(file)[0]);

        Assert.True(title.Success, $"docs/man/{file}: the first line must be .TH NAME SECTION \"DATE\" \"Mandos .NET VERSION\" \"Mandos\"");
        Assert.Equal(name.ToUpperInvariant(), title.Groups["name"].Value.Replace("\\-", "-", StringComparison.Ordinal));
        Assert.Equal(section, title.Groups["section"].Value);
        Assert.True(DateOnly.TryParseExact(title.Groups["date"].Value, "yyyy-MM-dd", out _), title.Groups["date"].Value);
        Assert.Equal(Version(), title.Groups["version"].Value);
    }

    [Theory]
    [InlineData("mandos.8")]
    [InlineData("mandos-keygen.8")]
    public void The_manual_page_of_an_administrator_command_has_examples(string file) => Assert.Contains(".SH EXAMPLES", Lines(file));

    private static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Golden.Root, "docs/man", file));

    private static string Version() =>
        VersionPrefix().Match(File.ReadAllText(Path.Combine(Golden.Root, "Directory.Build.props"))).Groups[1].Value;

    [GeneratedRegex("<VersionPrefix>(.*)</VersionPrefix>")]
    private static partial Regex VersionPrefix();

    [GeneratedRegex("""^\.TH (?<name>\S+) (?<section>\d\w*) "(?<date>[^"]*)" "Mandos \.NET (?<version>[^"]*)" "Mandos"$""")]
    private static partial Regex Title();
}
