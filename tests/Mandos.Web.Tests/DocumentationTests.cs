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
    public Task The_help_has_every_option() => Documents.AssertHelpAsync(RunAsync);

    [Theory]
    [InlineData("--bogus")]
    [InlineData("operand")]
    [InlineData("--config")]
    public Task An_invalid_command_line_is_an_error(string argument) => Documents.AssertRefusedAsync(RunAsync, argument);

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

    private static Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error) =>
        WebProgram.RunAsync(arguments, output, error, _ => null);
}
