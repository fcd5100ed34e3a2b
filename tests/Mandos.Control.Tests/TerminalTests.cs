using Mandos.CommandLine;
using Mandos.Control.Commands;
using Mandos.Control.Hosting;
using Mandos.Control.Tables;

namespace Mandos.Control.Tests;

/// <summary>What is different on a terminal.</summary>
public sealed class TerminalTests
{
    private static readonly TableCell[][] Rows =
        [[TableCell.Of("web1"), new("disabled", TableTone.Error), TableCell.Of(new string('x', 100))]];

    [Theory]
    [InlineData("y\n", true)]
    [InlineData("Yes\n", true)]
    [InlineData("n\n", false)]
    [InlineData("\n", false)]
    [InlineData("", false)]
    public void Only_yes_confirms(string answer, bool expected)
    {
        var environment = Outputs.Screen() with { Input = new StringReader(answer) };
        Assert.Equal(expected, Confirmation.Ask(environment, "remove web1?"));
        Assert.Equal("remove web1? [y/N] ", environment.Error.ToString());
    }

    [Fact]
    public void A_table_in_a_file_has_neither_colors_nor_a_width()
    {
        var environment = Outputs.File();
        Print(environment);
        Assert.Equal($"Name  Status    Text\nweb1  disabled  {new string('x', 100)}\n", Plain(environment));
    }

    [Fact]
    public void A_table_on_a_terminal_is_as_wide_as_the_terminal()
    {
        var environment = Outputs.Screen();
        Print(environment);
        Assert.All(Plain(environment).Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("…", Plain(environment), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xterm", null, null, true)]
    [InlineData("xterm", "1", null, false)]
    [InlineData("xterm", "1", "always", true)]
    [InlineData("xterm", null, "never", false)]
    [InlineData("dumb", null, null, false)]
    [InlineData(null, null, null, false)]
    public void Colors_are_for_terminals_that_have_them(string? terminal, string? noColor, string? option, bool expected)
    {
        var environment = Outputs.Screen() with
        {
            Variable = name => name switch
            {
                "TERM" => terminal,
                "NO_COLOR" => noColor,
                _ => null,
            },
        };
        Print(environment, option is null ? [] : [$"--color={option}"]);
        Assert.Equal(expected, environment.Output.ToString()!.Contains('\e', StringComparison.Ordinal));
    }

    [Fact]
    public void Control_characters_of_a_name_do_not_reach_a_terminal()
    {
        Assert.Equal("a\\u001b[2Jb", Terminal.Safe("a\e[2Jb", Outputs.Screen()));
        Assert.Equal("a\e[2Jb", Terminal.Safe("a\e[2Jb", Outputs.File()));
        using var json = new StringWriter();
        ClientJson.Print(json, [Clients.With("a", ("Host", "\u202ea\u009b2J"))]);
        Assert.All(json.ToString(), letter => Assert.True(letter is '\n' or (>= ' ' and <= '~')));
    }

    [Fact]
    public void Long_output_on_a_terminal_goes_to_the_pager()
    {
        var file = Path.GetTempFileName();
        try
        {
            var environment = Outputs.Screen() with { Variable = name => name == "PAGER" ? $"cat >{file}" : null };
            var text = string.Concat(Enumerable.Repeat("line\n", 24));
            Pager.Print(text, environment, isWanted: true);
            Assert.Equal((text, ""), (File.ReadAllText(file), environment.Output.ToString()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("cat", 24)]
    [InlineData("", 24)]
    [InlineData("/does/not/exist", 24)]
    [InlineData("false", 23)]
    public void Without_a_pager_and_on_one_screen_the_output_is_printed(string pager, int lines)
    {
        var environment = Outputs.Screen() with { Variable = name => name == "PAGER" ? pager : null };
        var text = string.Concat(Enumerable.Repeat("line\n", lines));
        Pager.Print(text, environment, isWanted: true);
        Assert.Equal(text, environment.Output.ToString());
    }

    private static void Print(ControlEnvironment environment, params string[] arguments)
    {
        var program = new GnuProgram("mandos-ctl", "", 2, helpAliases: ["-h"], versionAliases: []);
        var table = new TableOptions(program.Command);
        table.Print(program.Parse(arguments, TextWriter.Null, TextWriter.Null, out _)!, environment, ["Name", "Status", "Text"], Rows);
    }

    private static string Plain(ControlEnvironment environment) =>
        string.Join('\n', environment.Output.ToString()!.Split('\n').Select(line => line.TrimEnd()));
}
