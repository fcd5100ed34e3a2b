using Mandos.Keygen.Findings;
using Mandos.Keygen.Hosting;

namespace Mandos.Keygen.Tests.Doctor;

public sealed class FindingTableTests
{
    [Fact]
    public void Plain_text_has_a_line_for_each_finding_and_one_for_its_fix()
    {
        var report = new Report();
        report.Ok("a", "image", "good");
        report.Error("b", "root disk", "bad\u001b[2J", "mend it");

        Assert.Equal(
            "ok      image      good\nerror   root disk  bad\\u001b[2J\n                   fix: mend it\nerrors: 1, warnings: 0\n",
            Print(report, hasColors: false));
    }

    [Fact]
    public void Colours_are_around_the_severity_only()
    {
        var report = new Report();
        report.Warning("a", "image", "old", "build it again");

        Assert.StartsWith("\u001b[33mwarning \u001b[0mimage  old\n", Print(report, hasColors: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, null, "xterm", true)]
    [InlineData(false, null, "xterm", false)]
    [InlineData(true, "1", "xterm", false)]
    [InlineData(true, null, "dumb", false)]
    [InlineData(true, null, null, false)]
    public void Colours_are_used_only_on_a_terminal_that_has_them(bool isTerminal, string? noColor, string? term, bool expected)
    {
        var environment = new KeygenEnvironment
        {
            Output = TextWriter.Null,
            Error = TextWriter.Null,
            IsTerminal = isTerminal,
            Variable = name => name == "NO_COLOR" ? noColor : name == "TERM" ? term : null,
        };

        Assert.Equal(expected, environment.HasColors);
    }

    private static string Print(Report report, bool hasColors)
    {
        using var output = new StringWriter();
        FindingTable.Print(output, report.Findings, hasColors);
        return output.ToString();
    }
}
