using System.Buffers;
using System.Text;
using Mandos.Server.Clients;

namespace Mandos.Server.Checkers;

/// <summary>
/// Fills in a checker's command: <c>%(attribute)s</c> becomes the attribute as one word of the shell, <c>%%</c> a percent
/// sign. Everything that Python's <c>%</c> operator makes of these texts and that is safe in a shell is made of them here,
/// too; the rest is one clear error, where the original lets the checker die.
/// </summary>
internal static class CheckerCommand
{
    /// <summary>Wider than anyone intends.</summary>
    private const int WidestWidth = 4096;

    /// <summary>The command of a client's checker.</summary>
    /// <param name="client">As it is now.</param>
    /// <param name="dbusObjectPath">What it is called on the bus; null without the bus.</param>
    internal static CheckerExpansion Expand(ClientState client, string? dbusObjectPath)
    {
        var template = client.Settings.Checker;
        var result = new StringBuilder(template.Length + 64);
        for (var at = 0; at < template.Length;)
        {
            var percent = template.IndexOf('%', at);
            var end = percent < 0 ? template.Length : percent;
            result.Append(template, at, end - at);
            at = end;
            if (percent < 0)
                break;
            if (at + 1 < template.Length && template[at + 1] == '%')
            {
                result.Append('%');
                at += 2;
                continue;
            }

            var placeholder = CheckerPlaceholder.Read(template, at);
            if (Fill(placeholder, client, dbusObjectPath, result) is { } reason)
                return CheckerExpansion.Failed(new(placeholder.Text, reason));
            at += placeholder.Text.Length;
        }

        var command = result.ToString();
        return command.Contains('\0', StringComparison.Ordinal)
            ? CheckerExpansion.Failed(new("\\0", "no command can contain a NUL character"))
            : CheckerExpansion.Of(command);
    }

    /// <summary>What is wrong with the checker of a client of the configuration; null if nothing is.</summary>
    /// <param name="definition">The client.</param>
    /// <param name="usesDBus">Whether the server will be on the bus.</param>
    internal static CheckerProblem? Check(ClientDefinition definition, bool usesDBus)
    {
        // Times that are not there yet will be, and need quotes then.
        var time = DateTime.UnixEpoch;
        var client = new ClientState
        {
            Name = definition.Name,
            KeyId = definition.KeyId,
            Fingerprint = definition.Fingerprint,
            Settings = definition.Settings,
            Secret = definition.Secret,
            Created = time,
            LastEnabled = time,
            LastCheckedOk = time,
            LastApprovalRequest = time,
            Expires = new Moment(time, TimeSpan.Zero),
        };
        return Expand(client, usesDBus ? "/" : null).Problem;
    }

    /// <summary>Null, or why it cannot be filled in.</summary>
    private static string? Fill(CheckerPlaceholder placeholder, ClientState client, string? dbusObjectPath, StringBuilder into)
    {
        if (Misspelling(placeholder) is { } reason)
            return reason;
        if (CheckerAttributes.Find(client, dbusObjectPath, placeholder.Key!) is not { } value)
            return Unknown(placeholder.Key!);
        var isWhole = placeholder is { Conversion: 's', Precision: < 0 };
        // Cut off or quoted once more, quotes would no longer quote, and the value could become a command.
        if (!isWhole && !ShellWord.IsPlain(value))
            return $"the value needs quotes, which would be lost; only '%({placeholder.Key})s' is possible";
        var word = placeholder.Conversion == 's' ? ShellWord.Quote(value) : $"'{value}'";
        if (placeholder.Precision >= 0 && placeholder.Precision < word.Length)
            word = word[..placeholder.Precision];
        into.Append(Padded(word, placeholder));
        return null;
    }

    /// <summary>What is wrong with the placeholder whatever the client is like; null if nothing is.</summary>
    private static string? Misspelling(CheckerPlaceholder placeholder) => placeholder switch
    {
        { Conversion: null } => "it has no end; a literal percent sign is written '%%'",
        { Key: null } => "it names no attribute; a literal percent sign is written '%%'",
        { Conversion: not ('s' or 'r' or 'a') } => $"only '%({placeholder.Key})s' is possible",
        { Conversion: not 's', Precision: >= 0 } => $"only '%({placeholder.Key})s' can be truncated to a length",
        { Width: > WidestWidth } => $"it is wider than {WidestWidth} characters",
        _ => null,
    };

    private static string Unknown(string key) =>
        key == CheckerAttributes.ObjectPath
            ? "it is known only while the server uses D-Bus"
            : $"no such attribute; the attributes are {string.Join(", ", CheckerAttributes.Names)}";

    /// <summary>To the width in characters, as Python counts them.</summary>
    private static string Padded(string word, CheckerPlaceholder placeholder)
    {
        var missing = placeholder.Width - word.EnumerateRunes().Count();
        if (missing <= 0)
            return word;
        var spaces = new string(' ', missing);
        return placeholder.AlignsLeft ? word + spaces : spaces + word;
    }
}

/// <summary>Any text as one word of a POSIX shell, written as Python's <c>shlex.quote</c> does.</summary>
internal static class ShellWord
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-");

    /// <summary>True if the text means itself to every shell.</summary>
    internal static bool IsPlain(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Plain);

    /// <summary>The text as it is if it is plain; else in single quotes, with each single quote in it as <c>'"'"'</c>.</summary>
    internal static string Quote(string text) =>
        IsPlain(text) ? text : $"'{text.Replace("'", "'\"'\"'", StringComparison.Ordinal)}'";
}
