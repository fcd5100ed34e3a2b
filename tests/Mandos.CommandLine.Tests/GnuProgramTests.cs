using System.CommandLine;

namespace Mandos.CommandLine.Tests;

/// <summary>What every program answers to the same options, and with which exit code.</summary>
public sealed class GnuProgramTests
{
    private static GnuProgram Program(string[]? helpAliases = null, string[]? versionAliases = null, string prefix = "")
    {
        var program = new GnuProgram("demo", "Does something", usageError: 64, helpExit: 0, helpAliases, versionAliases)
        {
            VersionText = "1.2.3",
            VersionPrefix = prefix,
            HiddenNames = ["--old-name"],
        };
        program.Command.Options.Add(PlainOption.Text("--name", "NAME", "The name", "-n", "--old-name"));
        program.Command.Options.Add(PlainOption.Texts("--word", "WORD", "A word"));
        program.Command.Options.Add(PlainOption.Flag("--quiet", "Print less"));
        program.Command.Options.Add(new Option<string>("--secret-thing") { Hidden = true });
        return program;
    }

    private static (ParseResult? Result, string Output, string Error, int Code) Parse(GnuProgram program, params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var result = program.Parse(arguments, output, error, out var code);
        return (result, output.ToString(), error.ToString(), code);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("-V")]
    [InlineData("--vers")]
    public void Version_is_on_standard_output_with_exit_code_0(string argument)
    {
        var (result, output, error, code) = Parse(Program(), argument);
        Assert.Null(result);
        Assert.Equal(("demo 1.2.3\n", "", 0), (output, error, code));
    }

    [Fact]
    public void A_plugin_prints_its_kind_before_its_name_and_version() =>
        Assert.Equal("mandos plugin demo 1.2.3\n", Parse(Program(prefix: "mandos plugin "), "--version").Output);

    [Fact]
    public void Help_and_version_can_have_other_short_options()
    {
        Assert.Equal("demo 1.2.3\n", Parse(Program(versionAliases: ["-v"]), "-v").Output);
        Assert.Equal(64, Parse(Program(versionAliases: ["-v"]), "-V").Code);
        Assert.Contains("--name", Parse(Program(helpAliases: ["-h"]), "-h").Output, StringComparison.Ordinal);
        Assert.Equal(64, Parse(Program(helpAliases: ["-h"]), "-?").Code);
    }

    [Fact]
    public void Help_describes_every_option_except_hidden_options_and_names()
    {
        var (result, output, error, code) = Parse(Program(), "--help");
        Assert.Null(result);
        Assert.Equal(("", 0), (error, code));
        Assert.Contains("Does something", output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^\s*-n, --name <?NAME>?\s+The name", output);
        Assert.Contains("Print less", output, StringComparison.Ordinal);
        Assert.DoesNotContain("--secret-thing", output, StringComparison.Ordinal);
        Assert.DoesNotContain("--old-name", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Usage_is_one_line_with_the_visible_options()
    {
        var (_, output, error, code) = Parse(Program(), "--usage");
        Assert.Equal("Usage: demo [--name=NAME] [--word=WORD] [--quiet] [--help] [--usage] [--version]\n", output);
        Assert.Equal(("", 0), (error, code));
    }

    [Fact]
    public void Help_wins_over_an_invalid_operand() => Assert.Equal(0, Parse(Program(), "operand", "--help").Code);

    [Fact]
    public void A_hidden_option_name_is_accepted() =>
        Assert.Equal("a", Parse(Program(), "--old-name=a").Result!.GetValue<string?>("--name"));

    [Fact]
    public void A_program_can_parse_twice()
    {
        var program = Program();
        Assert.Equal("a", Parse(program, "--name=a").Result!.GetValue<string?>("--name"));
        Assert.Equal("b", Parse(program, "--name=b").Result!.GetValue<string?>("--name"));
    }

    [Fact]
    public void An_error_has_its_own_hint_or_none()
    {
        var error = new StringWriter();
        Program().Error(error, "it failed");
        Program().Error(error, "it failed", "try again");
        Assert.Equal("demo: error: it failed\ndemo: error: it failed\nhint: try again\n", error.ToString());
    }

    [Fact]
    public void A_value_that_looks_like_a_response_file_is_an_ordinary_value() =>
        Assert.Equal("@/etc/passwd", Parse(Program(), "--name=@/etc/passwd").Result!.GetValue<string?>("--name"));

    [Fact]
    public void A_repeated_text_option_takes_the_last_value_and_a_list_option_takes_all()
    {
        var result = Parse(Program(), "--name=a", "--word=x", "-n", "b", "--word", "y z").Result!;
        Assert.Equal("b", result.GetValue<string?>("--name"));
        Assert.Equal(["x", "y z"], result.GetValue<IReadOnlyList<string>>("--word")!);
        Assert.False(result.GetValue<bool>("--quiet"));
    }

    [Fact]
    public void Options_that_are_not_given_are_null_empty_or_false()
    {
        var result = Parse(Program()).Result!;
        Assert.Null(result.GetValue<string?>("--name"));
        Assert.Empty(result.GetValue<IReadOnlyList<string>>("--word")!);
        Assert.False(result.GetValue<bool>("--quiet"));
    }
}
