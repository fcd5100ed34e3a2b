using Mandos.Client.Plugins;

namespace Mandos.Client.Tests.Plugins;

public sealed class PluginCommandLineTests
{
    public static TheoryData<string> Plugins => ["password-prompt", "plymouth", "askpass-fifo"];

    [Theory]
    [MemberData(nameof(Plugins))]
    public void Help_and_version_are_never_mistaken_for_a_password(string plugin)
    {
        foreach (var (argument, expected) in new[]
        {
            ("--help", "--debug"), ("-?", "--debug"), ("--usage", $"Usage: {plugin} ["), ("--version", $"{plugin} 0."),
            ("-V", $"{plugin} 0."),
        })
        {
            var (options, output, error, exitCode) = Parse(plugin, argument);
            Assert.Null(options);
            Assert.Contains(expected, output, StringComparison.Ordinal);
            Assert.Empty(error);
            Assert.Equal(64, exitCode);
        }
    }

    [Theory]
    [InlineData("password-prompt")]
    [InlineData("plymouth")]
    public void A_wrong_command_line_exits_with_64_and_a_hint(string plugin)
    {
        foreach (var argument in new[] { "extra", "--foo", "-x" })
        {
            var (options, output, error, exitCode) = Parse(plugin, argument);
            Assert.Null(options);
            Assert.Empty(output);
            Assert.Equal(64, exitCode);
            Assert.StartsWith($"{plugin}: error: ", error, StringComparison.Ordinal);
            Assert.Contains("\nhint: ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_fifo_plugin_ignores_options_meant_for_other_plugins() =>
        Assert.Equal(new PluginOptions(null, null, Debug: true), Parse("askpass-fifo", "--prompt=x", "extra", "--debug", "-p").Options);

    [Fact]
    public void Options_match_those_of_the_original()
    {
        Assert.Equal(new PluginOptions("P", "X", Debug: true), Parse("password-prompt", "-pX", "--prompt=P", "--debug").Options);
        Assert.Equal(new PluginOptions("", "", Debug: false), Parse("password-prompt", "--prefix=", "--prompt=").Options);
        Assert.Equal(new PluginOptions("P", null, Debug: false), Parse("plymouth", "--prom", "P").Options);
        Assert.Equal(new PluginOptions(null, null, Debug: false), Parse("plymouth").Options);
    }

    [Theory]
    [MemberData(nameof(Plugins))]
    public void The_completion_and_the_manual_list_every_option(string plugin)
    {
        List<string> files = [$"docs/man/{plugin}.8mandos"];
        // A completion called plymouth would be that of Plymouth's own program.
        if (plugin != "plymouth")
            files.Add($"packaging/completions/bash/{plugin}");
        foreach (var file in files)
        {
            var text = File.ReadAllText(Path.Combine(Golden.Root, file)).Replace(@"\-", "-", StringComparison.Ordinal);
            var words = text.Split([' ', '\n', '=', '"', '\\', ',', '\''], StringSplitOptions.RemoveEmptyEntries);
            Assert.Empty(Names(plugin).Except(words));
        }
    }

    private static IEnumerable<string> Names(string plugin)
    {
        var line = Line(plugin);
        line.Parse(["--help"], TextWriter.Null, TextWriter.Null, out _);
        return line.OptionNames;
    }

    private static PluginCommandLine Line(string plugin) => plugin switch
    {
        "password-prompt" => PluginCommandLine.OfPasswordPrompt(),
        "plymouth" => PluginCommandLine.OfPlymouth(),
        _ => PluginCommandLine.OfAskpassFifo(),
    };

    private static (PluginOptions? Options, string Output, string Error, int ExitCode) Parse(string plugin, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var options = Line(plugin).Parse(arguments, output, error, out var exitCode);
        return (options, output.ToString(), error.ToString(), exitCode);
    }
}
