using System.Collections.Immutable;
using System.Globalization;
using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>One line of the log, ready to be written later by another thread: nothing in it changes any more.</summary>
internal sealed record LogLine
{
    /// <summary>In characters; what is longer is cut. A datagram of the journal has room for several of these.</summary>
    private const int MostText = 8 * 1024;

    /// <summary>What an object takes besides its text, roughly.</summary>
    private const int Overhead = 200;

    /// <summary>How serious it is.</summary>
    internal required LogLevel Level { get; init; }

    /// <summary>For people; one line, nothing in it can be mistaken for the end of it.</summary>
    internal required string Text { get; init; }

    /// <summary>What kind of message it is; null for one without a name.</summary>
    internal string? Event { get; init; }

    /// <summary>What stands in it, by name.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The name of the service when it was written.</summary>
    internal string Service { get; init; } = "";

    /// <summary>It goes to standard error whether or not a log daemon takes it.</summary>
    internal bool IsForError { get; init; }

    /// <summary>The program says it on standard error itself.</summary>
    internal bool IsLastWord { get; init; }

    /// <summary>No line, but a place in the order of lines.</summary>
    internal bool IsMark { get; init; }

    /// <summary>Called with whether a target accepted it; null: it does not matter.</summary>
    internal TaskCompletionSource<bool>? Outcome { get; init; }

    /// <summary>What it takes in memory, roughly.</summary>
    internal int Size => Overhead + 2 * (Text.Length + Fields.Sum(f => f.Key.Length + f.Value.Length));

    /// <summary>Makes a line of what a logger is given.</summary>
    internal static LogLine Of(
        LogLevel level, string message, string? name = null, IReadOnlyList<KeyValuePair<string, object?>>? values = null) =>
        new()
        {
            Level = level,
            Text = Clean(message),
            Event = name,
            Fields = values is null
            ? []
            : [.. values.Where(IsField)
                .Select(v => KeyValuePair.Create(v.Key, Clean(Convert.ToString(v.Value, CultureInfo.InvariantCulture) ?? "")))],
        };

    /// <summary>The template itself is among the values, as {OriginalFormat}.</summary>
    private static bool IsField(KeyValuePair<string, object?> value) => value.Value is not null && !value.Key.StartsWith('{');

    private static string Clean(string text) =>
        PrintableText.Of(text.Length <= MostText ? text : string.Concat(text.AsSpan(0, MostText), "..."));
}
