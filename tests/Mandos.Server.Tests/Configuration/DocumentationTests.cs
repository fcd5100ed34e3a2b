using System.Text;
using System.Text.RegularExpressions;
using Mandos.Configuration;
using Mandos.Server.ClientFiles;
using Mandos.Server.Configuration;

namespace Mandos.Server.Tests.Configuration;

/// <summary>What is shipped beside the program says the same as the program.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] ClientOptions = [.. ClientsReader.BuiltIn.Keys, "secret", "secfile"];

    private static string Text(params string[] path) => File.ReadAllText(Path.Combine([Golden.Root, .. path]));

    private static CommandLineDocuments Documents()
    {
        var program = new ServerCommandLine().Program;
        // Help, usage and version join the others at the first use.
        program.Parse([], TextWriter.Null, TextWriter.Null, out _);
        return new(
            "mandos", "mandos.8",
            program.Command.Options.Where(o => !o.Hidden).Select(
                o => ((IReadOnlyList<string>)[.. o.Aliases, o.Name], o.Arity.MaximumNumberOfValues > 0)));
    }

    [Fact]
    public void The_manual_page_names_every_option_and_no_other() => Documents().AssertManualPage();

    [Fact]
    public void The_completion_offers_every_long_option_and_no_other() => Documents().AssertCompletion();

    [Fact]
    public void The_completions_of_other_shells_have_every_option() => Documents().AssertOtherShells();

    [Fact]
    public void The_completion_lists_the_log_levels() => Assert.Equal(["WARNING"], Documents().Complete("--debuglevel", "W"));

    [Fact]
    public void The_manual_page_of_mandos_conf_names_every_option_and_its_example_has_no_other()
    {
        var page = Text("docs", "man", "mandos.conf.5");
        var example = Uncommented(Text("packaging", "etc", "mandos", "mandos.conf"));
        var problems = new List<ConfigurationProblem>();
        using var document = ConfigurationFile.Parse("mandos.conf", Encoding.UTF8.GetBytes(example), null, problems);
        ServerSettingsReader.Read(new CommandLineSettings(), document, problems, out _);

        Assert.Empty(problems);
        Assert.NotEmpty(document!.Defaults.Options);
        Assert.All(ServerSettingsReader.Known, option => Assert.Matches($@"(?m)^\.B {option}\b", page));
    }

    [Fact]
    public void The_shipped_mandos_conf_changes_no_default()
    {
        var problems = new List<ConfigurationProblem>();
        using var shipped = ConfigurationFile.Parse(
            "mandos.conf", Encoding.UTF8.GetBytes(Text("packaging", "etc", "mandos", "mandos.conf")), null, problems);
        using var example = ConfigurationFile.Parse(
            "mandos.conf", Encoding.UTF8.GetBytes(Uncommented(Text("packaging", "etc", "mandos", "mandos.conf"))), null, problems);

        Assert.Equal(new ServerSettings(), ServerSettingsReader.Read(new CommandLineSettings(), shipped, problems, out _));
        Assert.Equal(new ServerSettings(), ServerSettingsReader.Read(new CommandLineSettings(), example, problems, out _));
        Assert.Empty(problems);
    }

    [Fact]
    public void The_example_of_clients_conf_shows_the_actual_defaults()
    {
        var page = Text("docs", "man", "mandos-clients.conf.5");
        var text = Text("packaging", "etc", "mandos", "clients.conf");
        var problems = new List<ConfigurationProblem>();
        using var shipped = ConfigurationFile.Parse("clients.conf", Encoding.UTF8.GetBytes(text), null, problems);
        using var example = ConfigurationFile.Parse("clients.conf", Encoding.UTF8.GetBytes(Uncommented(text)), null, problems);

        Assert.Empty(problems);
        Assert.Empty(shipped!.Sections);
        Assert.All(ClientOptions, option => Assert.Matches($@"(?m)^\.B {option}\b", page));
        using var defaults = new ConfigurationValues(example!, example!.Defaults, problems);
        Assert.All(example.Defaults.Options.Keys, option => Assert.Equal(ClientsReader.BuiltIn[option], defaults.Raw(option)));
        Assert.Equal(
            ["key_id", "secret", "secfile", "host"],
            Assert.Single(example.Sections).Options.Keys.OrderBy(o => Array.IndexOf(["key_id", "secret", "secfile", "host"], o)));
    }

    /// <summary>The file with everything in effect that is written behind a '#' without a space.</summary>
    private static string Uncommented(string text) => CommentedOption().Replace(text, "");

    [GeneratedRegex(@"(?m)^#(?=[\[a-z]|    \S)")]
    private static partial Regex CommentedOption();
}
