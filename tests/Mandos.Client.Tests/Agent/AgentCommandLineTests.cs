using Mandos.Client.Agent;

namespace Mandos.Client.Tests.Agent;

public sealed class AgentCommandLineTests
{
    [Fact]
    public void Without_options_the_defaults_match_the_originals()
    {
        var options = Accepted();
        Assert.Equal("/run/systemd/ask-password", options.AgentDirectory);
        Assert.Equal("/lib/mandos/plugin-helpers", options.HelperDirectory);
        Assert.Equal((65534u, 65534u), (options.User, options.Group));
        Assert.False(options.AnyId || options.Test || options.Debug);
        Assert.Equal(["/lib/mandos/plugins.d/mandos-client"], options.Client);
    }

    [Theory]
    [InlineData("-d", "D", "-u", "7", "-g", "8", "--helper-directory", "H")]
    [InlineData("--agent-directory=D", "--userid=7", "--groupid=8", "--plugin-helper-dir=H")]
    [InlineData("--agent=D", "--user=7", "--gr=8", "--helper=H")]
    public void Options_have_the_names_short_forms_and_aliases_of_the_original(params string[] arguments)
    {
        var options = Accepted(arguments);
        Assert.Equal(("D", 7u, 8u, "H"), (options.AgentDirectory, options.User, options.Group, options.HelperDirectory));
    }

    [Fact]
    public void Everything_after_two_dashes_goes_to_the_client()
    {
        var options = Accepted("--user=7", "--", "/c", "--user=8", "", "--", "-d");
        Assert.Equal(7u, options.User);
        Assert.Equal(["/c", "--user=8", "", "--", "-d"], options.Client);
    }

    [Fact]
    public void Without_two_dashes_options_after_the_client_belong_to_the_agent()
    {
        var options = Accepted("/c", "--user=8", "x");
        Assert.Equal(8u, options.User);
        Assert.Equal(["/c", "x"], options.Client);
    }

    [Theory]
    [InlineData("--user=0", "option '--user': invalid number '0'")]
    [InlineData("--userid=x", "option '--user': invalid number 'x'")]
    [InlineData("--group=-1", "option '--group': invalid number '-1'")]
    [InlineData("--group=4294967295", "option '--group': invalid number '4294967295'")]
    [InlineData("--group=99999999999", "option '--group': invalid number '99999999999'")]
    [InlineData("--linger=x", "option '--linger': invalid number of seconds 'x'")]
    [InlineData("--nonsense", "unrecognized option '--nonsense'")]
    public void An_error_is_reported_on_one_line_with_the_value(string argument, string expected)
    {
        var (options, _, error, exitCode) = Parse(argument);
        Assert.Null(options);
        Assert.Equal(64, exitCode);
        Assert.Equal([$"password-agent: error: {expected}", "hint: try 'password-agent --help'"], error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-?")]
    [InlineData("--usage")]
    [InlineData("--version")]
    [InlineData("-V")]
    public void Help_and_version_exit_with_0(string argument)
    {
        var (options, output, error, exitCode) = Parse(argument);
        Assert.Null(options);
        Assert.Empty(error);
        Assert.Contains("password-agent", output, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public void Aliases_are_hidden()
    {
        var help = Parse("--help").Output;
        Assert.Contains("--helper-directory", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--plugin-helper-dir", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--userid", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packaging/completions/bash/password-agent")]
    [InlineData("docs/man/password-agent.8mandos")]
    public void The_completion_and_the_manual_list_every_option(string file)
    {
        var text = File.ReadAllText(Path.Combine(Golden.Root, file)).Replace(@"\-", "-", StringComparison.Ordinal);
        var words = text.Split([' ', '\n', '=', '"', '\\', ','], StringSplitOptions.RemoveEmptyEntries);
        var line = new AgentCommandLine();
        line.Parse(["--help"], TextWriter.Null, TextWriter.Null, out _);
        Assert.All(line.OptionNames, name => Assert.Contains(name, words));
    }

    private static AgentOptions Accepted(params string[] arguments)
    {
        var (options, _, error, _) = Parse(arguments);
        Assert.True(options is not null, error);
        return options;
    }

    private static (AgentOptions? Options, string Output, string Error, int ExitCode) Parse(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var options = new AgentCommandLine().Parse(arguments, output, error, out var exitCode);
        return (options, output.ToString(), error.ToString(), exitCode);
    }
}
