using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Control.Hosting;
using Spectre.Console;

namespace Mandos.Control.Tables;

/// <summary>
/// Prints a table: on a terminal as wide as it is, with colours and a pager; elsewhere as plain text that is never truncated.
/// </summary>
internal sealed class TableOptions
{
    /// <summary>Wider than any table.</summary>
    private const int Unlimited = 1 << 20;

    private readonly Option<string?> _color = PlainOption.Text("--color", "WHEN", "Colours: auto (default), always or never");
    private readonly Option<bool> _noPager = PlainOption.Flag("--no-pager", "Do not start a pager for long output");

    internal TableOptions(Command command)
    {
        command.Options.Add(_color);
        command.Options.Add(_noPager);
    }

    /// <summary>Prints the table.</summary>
    internal void Print(
        ParseResult arguments, ControlEnvironment environment, IReadOnlyList<string> headers, IEnumerable<TableCell[]> rows)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var colors = Terminal.HasColors(arguments.GetValue(_color), environment);
        var console = AnsiConsole.Create(new()
        {
            Ansi = colors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = environment.Screen?.Columns ?? Unlimited;
        var table = new Table().NoBorder();
        foreach (var header in headers)
            table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))).NoWrap().PadLeft(0).PadRight(2));
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(Terminal.Safe(cell.Text, environment), StyleOf(cell.Tone)).Ellipsis()));
        console.Write(table);
        Pager.Print(text.ToString(), environment, isWanted: !arguments.GetValue(_noPager));
    }

    private static Style StyleOf(TableTone tone) => tone switch
    {
        TableTone.Good => new(Color.Green),
        TableTone.Notice => new(Color.Aqua),
        TableTone.Warning => new(Color.Yellow),
        TableTone.Error => new(Color.Red),
        _ => Style.Plain,
    };
}
