using System.CommandLine;

namespace Mandos.CommandLine.Tests;

public sealed class GnuArgumentsTests
{
    private static GnuProgram Program()
    {
        var program = new GnuProgram("demo", "A demo", usageError: 64, helpExit: 64);
        program.Command.Options.Add(new Option<string>("--connect", "-c"));
        program.Command.Options.Add(new Option<string[]>("--interface", "-i") { AllowMultipleArgumentsPerToken = false });
        program.Command.Options.Add(new Option<bool>("--debug"));
        program.Command.Options.Add(new Option<double>("--delay"));
        program.Command.Options.Add(new Option<string>("--keyfile", "--key-file"));
        program.Command.Options.Add(new Option<string>("--key"));
        return program;
    }

    private static (ParseResult? Result, string Output, string Error, int Code) Parse(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var result = Program().Parse(arguments, output, error, out var code);
        return (result, output.ToString(), error.ToString(), code);
    }

    [Theory]
    [InlineData("--connect=[::1]:4711")]
    [InlineData("--connect", "[::1]:4711")]
    [InlineData("--con=[::1]:4711")]
    [InlineData("-c[::1]:4711")]
    [InlineData("-c", "[::1]:4711")]
    public void Every_GNU_form_of_an_option_gives_the_same_value(params string[] arguments) =>
        Assert.Equal("[::1]:4711", Parse(arguments).Result!.GetValue<string>("--connect"));

    [Theory]
    [InlineData("--connect=-x")]
    [InlineData("--connect", "-x")]
    [InlineData("-c-x")]
    public void A_value_may_begin_with_a_dash(params string[] arguments) =>
        Assert.Equal("-x", Parse(arguments).Result!.GetValue<string>("--connect"));

    [Theory]
    [InlineData("--keyfile", "--keyf=a")]
    [InlineData("--keyfile", "--key-f=a")]
    [InlineData("--key", "--key=a")]
    public void A_full_option_name_selects_that_option_and_an_abbreviation_its_only_match(string option, params string[] arguments) =>
        Assert.Equal("a", Parse(arguments).Result!.GetValue<string>(option));

    [Fact]
    public void A_value_may_be_the_name_of_another_option() =>
        Assert.Equal("--debug", Parse("--connect", "--debug").Result!.GetValue<string>("--connect"));

    [Fact]
    public void A_value_may_be_empty() => Assert.Equal("", Parse("--connect=").Result!.GetValue<string>("--connect"));

    [Fact]
    public void A_repeated_option_keeps_every_value_in_order() =>
        Assert.Equal(
            ["eth0", "", "eth1,eth2"],
            Parse("-i", "eth0", "--interface=", "--interface=eth1,eth2").Result!.GetValue<string[]>("--interface")!);

    [Theory]
    [InlineData("unrecognized option '--nosuch'", "--nosuch")]
    [InlineData("unrecognized option '--conect'; did you mean '--connect'?", "--conect=[::1]:4711")]
    [InlineData("unrecognized option '--intreface'; did you mean '--interface'?", "--intreface", "eth0")]
    [InlineData("unrecognized option '--dely'; did you mean '--delay'?", "--dely=3")]
    [InlineData("unrecognized option '--password': it belongs to mandos-keygen", "--password")]
    [InlineData("unrecognized option '--retry': it belongs to mandos-client", "--retry=3")]
    [InlineData("option '--de' is ambiguous; possibilities: '--debug' '--delay'", "--de")]
    [InlineData("option '--ke' is ambiguous; possibilities: '--key-file' '--key'", "--ke=a")]
    [InlineData("option '--connect' requires an argument", "--connect")]
    [InlineData("option '--debug' does not allow an argument", "--debug=1")]
    [InlineData("invalid option -- 'x'", "-x")]
    public void An_invalid_option_is_one_clear_error_with_the_documented_exit_code(string message, params string[] arguments)
    {
        var (result, output, error, code) = Parse(arguments);

        Assert.Null(result);
        Assert.Equal(64, code);
        Assert.Equal("", output);
        Assert.Equal($"demo: error: {message}\nhint: try 'demo --help'\n", error);
    }

    [Fact]
    public void The_error_for_a_value_of_the_wrong_type_contains_the_value()
    {
        var (result, _, error, code) = Parse("--delay=soon");

        Assert.Null(result);
        Assert.Equal(64, code);
        Assert.Contains("soon", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unexpected_operand_is_an_error()
    {
        var (result, _, error, code) = Parse("word");

        Assert.Null(result);
        Assert.Equal(64, code);
        Assert.Equal("demo: error: unrecognized command or argument 'word'\nhint: try 'demo --help'\n", error);
    }

    [Fact]
    public void Help_prints_every_option_to_stdout()
    {
        var (_, output, error, code) = Parse("--help");

        Assert.Equal(64, code);
        Assert.Equal("", error);
        Assert.All(
            new[] { "--connect", "--interface", "--debug", "--delay", "--help", "--version" },
            name => Assert.Contains(name, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Version_is_one_line_with_the_name() => Assert.Matches(@"^demo \d+\.\d+\.\d+\S*\n$", Parse("-V").Output);
}
