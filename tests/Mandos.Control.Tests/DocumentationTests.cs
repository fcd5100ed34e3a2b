using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Commands;

namespace Mandos.Control.Tests;

/// <summary>The manual page and the completions name exactly the options that exist.</summary>
public sealed class DocumentationTests
{
    public static TheoryData<string> Commands => [.. ControlCommands.All.Select(command => command.Name)];

    [Fact]
    public void The_manual_page_names_every_option() => new CommandLineDocuments(
        "mandos-ctl", "mandos-ctl.8",
        [
            ([
                .. ((List<Option>)[.. Options(Plain()), .. ControlCommands.All.SelectMany(command => Options(command.Program))])
                    .SelectMany(option => option.Aliases.Append(option.Name)).Distinct(),
            ], false),
        ]).AssertManualPage();

    [Fact]
    public void The_manual_page_names_every_command_and_setting()
    {
        var page = File.ReadAllText(Path.Combine(Golden.Root, "docs/man/mandos-ctl.8")).Replace("\\-", "-", StringComparison.Ordinal);
        Assert.All(
            ControlCommands.All.Select(command => command.Name).Concat(Settings.Names),
            name => Assert.Matches($@"(?m)^\.B[IR]? (.* )?{name}\b", page));
    }

    [Fact]
    public void The_completion_of_bash_has_every_option() =>
        new CommandLineDocuments("mandos-ctl", "mandos-ctl.8", Describe(Options(Plain()))).AssertCompletion();

    [Theory, MemberData(nameof(Commands))]
    public void The_completion_of_bash_has_every_option_of_a_command(string name)
    {
        var command = ControlCommands.All.Single(command => command.Name == name);
        Assert.Equal(
            LongNames(Options(command.Program)).Order(StringComparer.Ordinal),
            new CommandLineDocuments("mandos-ctl", "mandos-ctl.8", []).Complete(name, "--").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_completion_of_bash_has_every_command() => Assert.Equal(
        ControlCommands.All.Select(command => command.Name).Order(StringComparer.Ordinal),
        new CommandLineDocuments("mandos-ctl", "mandos-ctl.8", []).Complete("").Where(word => word[0] != '-')
            .Order(StringComparer.Ordinal));

    [Fact]
    public void The_completion_of_bash_executes_nothing_in_the_name_of_a_client_and_quotes_it()
    {
        var folder = Directory.CreateTempSubdirectory("mandos-completion-").FullName;
        try
        {
            var server = Path.Combine(folder, "mandos-ctl");
            var names = Path.Combine(folder, "names");
            File.WriteAllText(server, $"#!/bin/sh\ncat {names}\n");
            File.SetUnixFileMode(server, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            File.WriteAllText(names, $"web1\n$(touch {folder}/executed)\n`touch {folder}/executed`\na;reboot\ntwo words\n");
            var documents = new CommandLineDocuments("mandos-ctl", "mandos-ctl.8", []);

            var offered = documents.CompleteWith(folder, "show", "");

            Assert.False(File.Exists(Path.Combine(folder, "executed")));
            Assert.Empty(new[] { "web1", @"a\;reboot", @"two\ words" }.Except(offered));
            Assert.Equal([@"two\ words"], documents.CompleteWith(folder, "show", "two"));
            Assert.Equal([@"two\ words"], documents.CompleteWith(folder, "show", @"two\ w"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("zsh/_mandos-ctl")]
    [InlineData("fish/mandos-ctl.fish")]
    public void The_completions_of_other_shells_have_every_option_and_command(string file)
    {
        var text = File.ReadAllText(Path.Combine(Golden.Root, "packaging/completions", file));
        var isFish = file.StartsWith("fish", StringComparison.Ordinal);
        Assert.All(
            LongNames([.. Options(Plain()), .. ControlCommands.All.SelectMany(command => Options(command.Program))]),
            name => Assert.Matches(isFish ? $@"-l {name[2..]}(?![\w-])" : $@"{name}(?![\w-])", text));
        Assert.All(ControlCommands.All, command => Assert.Matches(isFish ? $@"-a {command.Name} -d" : $@"'{command.Name}:", text));
        Assert.All(Settings.Names, name => Assert.Contains($"{name}=", text, StringComparison.Ordinal));
    }

    private static GnuProgram Plain()
    {
        var program = new GnuProgram("mandos-ctl", "", 2, helpAliases: ["-h"], versionAliases: []);
        _ = new ControlOptions(program.Command);
        return program;
    }

    /// <summary>With those that are added when the command line is parsed.</summary>
    private static List<Option> Options(GnuProgram program)
    {
        _ = program.Parse(["--version"], TextWriter.Null, TextWriter.Null, out _);
        return [.. program.Command.Options];
    }

    private static IEnumerable<string> LongNames(IEnumerable<Option> options) =>
        options.Select(option => option.Name).Where(name => name.StartsWith("--", StringComparison.Ordinal)).Distinct();

    private static IEnumerable<(IReadOnlyList<string> Names, bool TakesValue)> Describe(IEnumerable<Option> options) => options
        .Select(option => ((IReadOnlyList<string>)[option.Name, .. option.Aliases], option.ValueType != typeof(bool)));
}
