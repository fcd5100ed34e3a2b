using System.Collections.Immutable;
using System.Globalization;
using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>One immutable log line, ready to be written later by another thread.</summary>
internal sealed record LogLine
{
    /// <summary>The limit in characters; longer text is cut. A journal datagram can hold several times this.</summary>
    private const int MostText = 8 * 1024;

    /// <summary>The approximate size of an object in addition to its text.</summary>
    private const int Overhead = 200;

    /// <summary>The severity.</summary>
    internal required LogLevel Level { get; init; }

    /// <summary>The text for people: one line, without anything that could be taken for a line end.</summary>
    internal required string Text { get; init; }

    /// <summary>The name of the message; null if it has none.</summary>
    internal string? Event { get; init; }

    /// <summary>The values in the message, by name.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The name of the service when the line was logged.</summary>
    internal string Service { get; init; } = "";

    /// <summary>Whether the line is written to standard error even if a log daemon accepts it.</summary>
    internal bool IsForError { get; init; }

    /// <summary>Whether the program prints the text on standard error itself.</summary>
    internal bool IsLastWord { get; init; }

    /// <summary>Whether this is only a position in the order of lines.</summary>
    internal bool IsMark { get; init; }

    /// <summary>Completed with whether an output accepted the line; null if that does not matter.</summary>
    internal TaskCompletionSource<bool>? Outcome { get; init; }

    /// <summary>The approximate size in memory.</summary>
    internal int Size => Overhead + 2 * (Text.Length + Fields.Sum(f => f.Key.Length + f.Value.Length));

    /// <summary>Creates a line from the arguments of a logger.</summary>
    internal static LogLine Of(
        LogLevel level, string message, string? name = null, IReadOnlyList<KeyValuePair<string, object?>>? values = null) =>
        new()
        {
            Level = level,
            Text = Clean(message),
            Event = name,
            Fields = values is null
            ? []
            : [.. values.Where(IsField).Select(v => KeyValuePair.Create(v.Key, Clean(Field(v.Value))))],
        };

    /// <summary>Whether a value is a field; the template itself is among the values, as {OriginalFormat}.</summary>
    private static bool IsField(KeyValuePair<string, object?> value) => value.Value is not null && !value.Key.StartsWith('{');

    /// <summary>Programs that read the field of a quantity need its number.</summary>
    private static string Field(object? value) =>
        Convert.ToString(value is Quantity quantity ? quantity.Number : value, CultureInfo.InvariantCulture) ?? "";

    private static string Clean(string text) =>
        PrintableText.Of(text.Length <= MostText ? text : string.Concat(text.AsSpan(0, MostText), "..."));
}
