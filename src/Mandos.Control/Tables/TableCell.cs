namespace Mandos.Control.Tables;

/// <summary>A cell of a table.</summary>
internal readonly record struct TableCell(string Text, TableTone Tone)
{
    internal static TableCell Of(string text) => new(text, TableTone.Plain);
}

/// <summary>The meaning of a colour.</summary>
internal enum TableTone
{
    Plain,
    Good,
    Notice,
    Warning,
    Error,
}
