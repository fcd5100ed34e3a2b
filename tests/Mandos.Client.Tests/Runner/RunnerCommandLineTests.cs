using CsCheck;
using Mandos.Client.Runner;

namespace Mandos.Client.Tests.Runner;

public sealed class RunnerCommandLineTests
{
    [Fact]
    public void Without_options_the_defaults_match_the_originals()
    {
        var settings = Accepted();
        Assert.Equal("/lib/mandos/plugins.d", settings.PluginDirectory);
        Assert.Equal("/lib/mandos/plugin-helpers", settings.HelperDirectory);
        Assert.Null(settings.ConfigFile);
        Assert.Equal("/conf/conf.d/mandos/plugin-runner.conf", RunnerSettings.DefaultConfigFile);
        Assert.Equal((65534u, 65534u), (settings.User, settings.Group));
        Assert.False(settings.Debug);
        Assert.Equal(["a"], settings.ArgumentsOf("a"));
        Assert.False(settings.For("a").Disabled);
    }

    [Theory]
    [InlineData(new[] { "-gx,y" }, new[] { "p", "x", "y" })]
    [InlineData(new[] { "--global-options=x", "--global-options", "y", "-g", "z" }, new[] { "p", "x", "y", "z" })]
    [InlineData(new[] { "--global-options=a,,b", "--options-for=p:x,", "--options-for=p:y" }, new[] { "p", "x", "", "y", "a", "", "b" })]
    [InlineData(new[] { "--options-for=p:" }, new[] { "p", "" })]
    [InlineData(new[] { "--global-options=" }, new[] { "p", "" })]
    [InlineData(new[] { "-op:--connect=[fe80::1]:80,--debug" }, new[] { "p", "--connect=[fe80::1]:80", "--debug" })]
    [InlineData(new[] { "--options-for=q:x" }, new[] { "p" })]
    [InlineData(new[] { "--global-options=--disable=p" }, new[] { "p", "--disable=p" })]
    [InlineData(new[] { "--global-options", "--debug" }, new[] { "p", "--debug" })]
    public void A_plugin_gets_its_own_options_before_the_global_ones(string[] arguments, string[] expected) =>
        Assert.Equal(expected, Accepted(arguments).ArgumentsOf("p"));

    [Fact]
    public void Any_options_reach_the_plugin_unchanged() =>
        Gen.String[Gen.Char["-=:ab \"'#"], 0, 6].Array[1, 4].Sample(options =>
            Assert.Equal(
                ["p", .. options, .. options],
                Accepted($"--options-for=p:{string.Join(',', options)}", "-g", string.Join(',', options)).ArgumentsOf("p")));

    [Theory]
    [InlineData(new[] { "-GA=1", "-Ep:A=2" }, "2")]
    [InlineData(new[] { "-Ep:A=2", "-GA=1" }, "2")]
    [InlineData(new[] { "-GA=1", "-GA=3" }, "3")]
    [InlineData(new[] { "--env-for=p:A=1", "--env-for", "p:A==:2" }, "=:2")]
    [InlineData(new[] { "-Eq:A=2" }, null)]
    [InlineData(new[] { "--global-env=A=" }, "")]
    public void Variables_for_a_plugin_override_those_for_all_and_later_ones_override_earlier_ones(string[] arguments, string? expected)
    {
        var found = Accepted(arguments).EnvironmentOf("p").Where(variable => variable.StartsWith("A=", StringComparison.Ordinal));
        Assert.Equal(expected is null ? [] : [$"A={expected}"], found);
    }

    [Theory]
    [InlineData(new[] { "--plugin-helper-dir=/h" }, "/h")]
    [InlineData(new[] { "--plugin-helper-dir=/h", "-GMANDOSPLUGINHELPERDIR=/g" }, "/h")]
    [InlineData(new[] { "--plugin-helper-dir=/h", "-Ep:MANDOSPLUGINHELPERDIR=/p" }, "/p")]
    public void The_helper_directory_is_in_the_environment(string[] arguments, string expected) =>
        Assert.Contains($"MANDOSPLUGINHELPERDIR={expected}", Accepted(arguments).EnvironmentOf("p"));

    [Fact]
    public void What_was_inherited_stays_in_the_environment() =>
        Assert.Contains($"PATH={Environment.GetEnvironmentVariable("PATH")}", Accepted("-GA=b").EnvironmentOf("p"));

    [Theory]
    [InlineData(new[] { "--disable=p" }, true)]
    [InlineData(new[] { "-dp", "-ep" }, false)]
    [InlineData(new[] { "-ep", "-dp" }, true)]
    [InlineData(new[] { "-dp", "-ep", "--disable", "p" }, true)]
    [InlineData(new[] { "-dq" }, false)]
    public void Of_enable_and_disable_the_last_one_wins(string[] arguments, bool disabled) =>
        Assert.Equal(disabled, Accepted(arguments).For("p").Disabled);

    [Fact]
    public void Later_settings_extend_and_override_earlier_ones()
    {
        var settings = new RunnerSettings();
        Apply(settings, ["--userid=1", "--groupid=1", "--disable=a", "--disable=b", "-ga", "--plugin-dir=/one"]);
        Apply(settings, ["--userid=2", "--enable=a", "-gb"]);
        Assert.Equal((2u, 1u), (settings.User, settings.Group));
        Assert.False(settings.For("a").Disabled);
        Assert.True(settings.For("b").Disabled);
        Assert.Equal(["p", "a", "b"], settings.ArgumentsOf("p"));
        Assert.Equal("/one", settings.PluginDirectory);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--debug", "")]
    [InlineData("--", "")]
    public void The_empty_key_field_of_crypttab_is_tolerated_as_an_argument(params string[] arguments) => Accepted(arguments);

    [Theory]
    [InlineData("--options-for=p", "no colon in 'p'")]
    [InlineData("--options-for=:x", "no plugin name before the colon")]
    [InlineData("--env-for=p", "no colon in 'p'")]
    [InlineData("--env-for=:A=b", "no plugin name before the colon")]
    [InlineData("none", "too many arguments")]
    [InlineData("--nonsense", "unrecognized option '--nonsense'")]
    [InlineData("--debug=1", "option '--debug' does not allow an argument")]
    [InlineData("--userid", "option '--userid' requires an argument")]
    [InlineData("--plugin", "ambiguous")]
    public void A_wrong_command_line_is_reported_in_one_line_with_the_value(string argument, string expected)
    {
        using var error = new StringWriter();
        Assert.False(new RunnerCommandLine().Apply([argument], new RunnerSettings(), TextWriter.Null, error, out var exitCode));
        Assert.Equal(64, exitCode);
        var lines = error.ToString().Split('\n');
        Assert.StartsWith("plugin-runner: error: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(expected, lines[0], StringComparison.Ordinal);
        Assert.Equal("hint: try 'plugin-runner --help'", lines[1]);
    }

    [Theory]
    [InlineData("--userid=abc", "option '--userid': invalid number 'abc'; using 65534")]
    [InlineData("--userid=-1", "invalid number '-1'")]
    [InlineData("--groupid=1x", "option '--groupid': invalid number '1x'; using 65534")]
    [InlineData("--groupid=4294967295", "invalid number '4294967295'")]
    [InlineData("--userid=5000000000", "invalid number '5000000000'")]
    [InlineData("--global-env=FOO", "option '--global-env': 'FOO' is not VAR=value; ignored")]
    [InlineData("--env-for=p:=x", "option '--env-for': '=x' is not VAR=value; ignored")]
    public void An_invalid_number_or_variable_is_reported_and_ignored_and_the_run_continues(string argument, string expected)
    {
        var settings = new RunnerSettings();
        Assert.Contains(expected, Apply(settings, [argument, "--debug"]), StringComparison.Ordinal);
        Assert.Equal((65534u, 65534u, true), (settings.User, settings.Group, settings.Debug));
    }

    [Theory]
    [InlineData("--help", "--plugin-helper-dir")]
    [InlineData("-?", "--plugin-helper-dir")]
    [InlineData("--usage", "Usage: plugin-runner ")]
    [InlineData("--version", "plugin-runner 0.")]
    [InlineData("-V", "plugin-runner 0.")]
    public void Help_and_version_print_to_standard_output_and_exit_with_0(string argument, string expected)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.False(new RunnerCommandLine().Apply([argument], new RunnerSettings(), output, error, out var exitCode));
        Assert.Contains(expected, output.ToString(), StringComparison.Ordinal);
        Assert.Empty(error.ToString());
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [InlineData("packaging/completions/bash/plugin-runner")]
    [InlineData("docs/man/plugin-runner.8mandos")]
    public void Completion_and_manual_list_every_option(string file)
    {
        var text = File.ReadAllText(Path.Combine(Golden.Root, file)).Replace(@"\-", "-", StringComparison.Ordinal);
        var words = text.Split([' ', '\n', '=', '"', '\\', ',', '|', ')'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Empty(new RunnerCommandLine().OptionNames.Concat(["--help", "--usage", "--version"]).Except(words));
    }

    private static RunnerSettings Accepted(params string[] arguments)
    {
        var settings = new RunnerSettings();
        Assert.Empty(Apply(settings, arguments));
        return settings;
    }

    private static string Apply(RunnerSettings settings, string[] arguments)
    {
        using var error = new StringWriter();
        Assert.True(new RunnerCommandLine().Apply(arguments, settings, TextWriter.Null, error, out var exitCode), error.ToString());
        Assert.Equal(0, exitCode);
        return error.ToString();
    }
}
