using System.Reflection;
using System.Text.RegularExpressions;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.Logging;

/// <summary>The names of events are an interface: mandos(8) has all of them, each with its priority and fields, and no other.</summary>
public sealed partial class JournalEventTests
{
    [Fact]
    public void The_manual_page_lists_exactly_the_journal_events_with_their_priority_and_fields()
    {
        var page = File.ReadAllText(Path.Combine(Golden.Root, "docs", "man", "mandos.8"));
        var section = page.Split(".SH \"JOURNAL EVENTS\"\n")[1].Split("\n.SH ")[0];
        var documented = Entry().Matches(section).Select(m => $"{m.Groups[1].Value} ({m.Groups[2].Value})");

        Assert.Equal(Events().Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_event_has_its_own_number()
    {
        var numbers = LoggerMessages().Select(m => (m.Message.EventId, Name: m.Message.EventName ?? m.Method)).ToList();

        var shared = numbers.GroupBy(n => n.EventId, n => n.Name).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g)}");

        Assert.NotEmpty(numbers);
        Assert.Empty(shared);
    }

    private static IEnumerable<string> Events() =>
        from message in Messages().Append(("LinesDropped", LogLevel.Warning, ["Count"]))
        group message by message.Name into same
        // One whose level depends on what happened may be as low as this.
        let level = same.Min(m => m.Level is >= LogLevel.Information and <= LogLevel.Critical ? m.Level : LogLevel.Information)
        let fields = string.Join(", ", same.SelectMany(m => m.Fields).Distinct().Select(Field))
        select $"{same.Key} ({Priority(level)}{(fields.Length > 0 ? ": " : "")}{fields})";

    /// <summary>In the order of the files, as the page has them.</summary>
    private static IEnumerable<(string Name, LogLevel Level, string[] Fields)> Messages() =>
        from logged in LoggerMessages()
        let message = logged.Message
        where message.Level != LogLevel.Debug
        select (
            message.EventName ?? logged.Method, message.Level,
            Placeholder().Matches(message.Message).Select(m => m.Groups[1].Value).ToArray());

    private static IEnumerable<(string Method, LoggerMessageAttribute Message)> LoggerMessages() =>
        from type in typeof(LogCategory).Assembly.GetTypes().OrderBy(t => t.Name, StringComparer.Ordinal)
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
        let message = method.GetCustomAttribute<LoggerMessageAttribute>()
        where message is not null
        select (method.Name, message);

    private static string Priority(LogLevel level) => level switch
    {
        LogLevel.Critical => "crit",
        LogLevel.Error => "err",
        LogLevel.Warning => "warning",
        _ => "info",
    };

    private static string Field(string name) => "MANDOS" + UpperCase().Replace(name, "_$0").ToUpperInvariant();

    [GeneratedRegex("""^\.BR (\w+) " \((.*)\)"$""", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex UpperCase();
}
