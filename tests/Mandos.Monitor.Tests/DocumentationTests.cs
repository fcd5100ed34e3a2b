using System.Text.RegularExpressions;
using Mandos.CommandLine;

namespace Mandos.Monitor.Tests;

/// <summary>The manual page names what the program has.</summary>
public sealed partial class DocumentationTests
{
    private static readonly CommandLineDocuments Documents = new(
        "mandos-monitor", "mandos-monitor.8", [(["--help", "-h"], false), (["--usage"], false), (["--version", "-V"], false)]);

    [Fact]
    public void The_manual_page_names_every_option() => Documents.AssertManualPage();

    [Fact]
    public void The_completion_of_bash_has_every_option() => Documents.AssertCompletion();

    [Fact]
    public void The_completions_of_other_shells_have_every_option() => Documents.AssertOtherShells();

    [Fact]
    public void The_program_has_these_options()
    {
        using var output = new StringWriter();
        var program = new GnuProgram("mandos-monitor", "", 2, helpAliases: ["-h"]);
        _ = program.Parse(["--help"], output, output, out _);
        Assert.Equal(
            ["--help", "--usage", "--version"], Option().Matches(output.ToString()).Select(match => match.Value).Distinct().Order());
    }

    [Fact]
    public async Task An_unknown_argument_is_an_error_and_no_terminal_another()
    {
        using var error = new StringWriter();
        Assert.Equal(2, await MonitorProgram.RunAsync(["--bogus"], TextWriter.Null, error, _ => null));
        Assert.StartsWith("mandos-monitor: error: ", error.ToString(), StringComparison.Ordinal);
        error.GetStringBuilder().Clear();
        // Standard output of a test is a pipe.
        Assert.Equal(1, await MonitorProgram.RunAsync([], TextWriter.Null, error, _ => "xterm"));
        Assert.Equal(
            "mandos-monitor: error: standard input and output are not a terminal\nhint: for scripts there is 'mandos-ctl watch'\n",
            error.ToString());
    }

    [GeneratedRegex("--[a-z]+")]
    private static partial Regex Option();
}
