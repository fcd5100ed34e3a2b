namespace Mandos.Web.Tests;

/// <summary>The manual pages and completions name what the program has.</summary>
public sealed class DocumentationTests
{
    private static readonly CommandLineDocuments Documents = new(
        "mandos-web", "mandos-web.8",
        [
            (["--config"], true), (["--check-config"], false),
            (["--help", "-h"], false), (["--usage"], false), (["--version", "-V"], false),
        ]);

    [Fact]
    public void The_manual_page_names_every_option() => Documents.AssertManualPage();

    [Fact]
    public void The_completion_of_bash_has_every_option() => Documents.AssertCompletion();

    [Fact]
    public void The_completions_of_other_shells_have_every_option() => Documents.AssertOtherShells();

    [Fact]
    public async Task The_help_has_these_options()
    {
        using var output = new StringWriter();
        Assert.Equal(0, await WebProgram.RunAsync(["--help"], output, TextWriter.Null, _ => null));
        foreach (var option in (string[])["--config", "--check-config", "--help", "--usage", "--version"])
            Assert.Contains(option, output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("operand")]
    [InlineData("--config")]
    public async Task An_invalid_command_line_is_an_error(string argument)
    {
        using var error = new StringWriter();
        Assert.Equal(2, await WebProgram.RunAsync([argument], TextWriter.Null, error, _ => null));
        Assert.StartsWith("mandos-web: error: ", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Every setting is in the manual page and in the file that the package installs.</summary>
    [Theory]
    [InlineData("socket")]
    [InlineData("metrics")]
    [InlineData("hosts")]
    [InlineData("identity_header")]
    [InlineData("viewers")]
    [InlineData("approvers")]
    [InlineData("administrators")]
    public void Every_setting_is_documented(string name)
    {
        var page = File.ReadAllText(Path.Combine(Golden.Root, "docs", "man", "mandos-web.conf.5"));
        Assert.Contains($"\n.B {name}\n", page, StringComparison.Ordinal);
        var file = File.ReadAllText(Path.Combine(Golden.Root, "packaging", "etc", "mandos", "mandos-web.conf"));
        Assert.Contains($"\n#{name} =", file, StringComparison.Ordinal);
    }
}
