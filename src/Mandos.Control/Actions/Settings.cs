using Mandos.CommandLine;
using Mandos.Control.Hosting;

namespace Mandos.Control.Actions;

/// <summary>The settings of a client that can be changed, with their names in clients.conf.</summary>
internal static class Settings
{
    private static readonly Dictionary<string, Func<string, string, ClientAction>> Known = new(
    [
        .. SettingNames.Durations.Select(static setting => KeyValuePair.Create(setting.Option, Duration(setting.Property))),
        .. SettingNames.Flags.Select(static setting => KeyValuePair.Create(setting.Option, Boolean(setting.Property))),
        .. SettingNames.Texts.Select(static setting => KeyValuePair.Create(setting.Option, Text(setting.Property))),
        KeyValuePair.Create<string, Func<string, string, ClientAction>>("secfile", static (_, value) => SecretFile.Read(value)),
    ]);

    /// <summary>The names, for the help and for completion.</summary>
    internal static IEnumerable<string> Names => Known.Keys;

    /// <summary>Reads <c>timeout=PT10M</c>; a dash in a name counts as an underscore.</summary>
    /// <exception cref="UsageError">It is not an assignment, the setting is unknown, or the value is invalid.</exception>
    internal static ClientAction Parse(string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new UsageError($"'{assignment}' is not KEY=VALUE");
        var name = assignment[..equals].Replace('-', '_').ToLowerInvariant();
        if (name == "secret")
            throw new UsageError("a secret on the command line is visible to all users; use secfile=FILE, or secfile=- for standard input");
        return Known.TryGetValue(name, out var make)
            ? make(name, assignment[(equals + 1)..])
            : throw new UsageError($"'{name}' is not a setting that can be changed{SpellingHint.Hint(name, Known.Keys)}");
    }

    private static Func<string, string, ClientAction> Duration(string property) =>
        (name, value) => new SetAction(property, Values.Duration(value, name));

    private static Func<string, string, ClientAction> Boolean(string property) =>
        (name, value) => new SetAction(property, Values.Boolean(value, name));

    private static Func<string, string, ClientAction> Text(string property) => (_, value) => new SetAction(property, value);
}
