using System.Buffers;
using System.Text;
using Mandos.Server.Clients;

namespace Mandos.Server.Checkers;

/// <summary>
/// Expands a checker's command: <c>%(attribute)s</c> becomes the attribute as one shell word, <c>%%</c> a percent sign. It supports
/// everything that Python's <c>%</c> operator does with these texts and that is safe in a shell; for the rest it reports one clear error,
/// where upstream lets the checker fail.
/// </summary>
internal static class CheckerCommand
{
    /// <summary>The largest supported width.</summary>
    private const int WidestWidth = 4096;

    /// <summary>Expands the command of a client's checker.</summary>
    /// <param name="client">The client's current state.</param>
    /// <param name="dbusObjectPath">The client's path on the bus; null without the bus.</param>
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

    /// <summary>Returns what is wrong with the checker of a configured client; null if nothing is.</summary>
    /// <param name="definition">The client.</param>
    /// <param name="usesDBus">Whether the server will be on the bus.</param>
    internal static CheckerProblem? Check(ClientDefinition definition, bool usesDBus)
    {
        // Times that are still missing will be set later, and need quotes then.
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

    /// <summary>Appends a placeholder's value; returns the reason if that is not possible, otherwise null.</summary>
    private static string? Fill(CheckerPlaceholder placeholder, ClientState client, string? dbusObjectPath, StringBuilder into)
    {
        if (Misspelling(placeholder) is { } reason)
            return reason;
        if (CheckerAttributes.Find(client, dbusObjectPath, placeholder.Key!) is not { } value)
            return Unknown(placeholder.Key!);
        var isWhole = placeholder is { Conversion: 's', Precision: < 0 };
        // If quotes were cut off or quoted again they would no longer quote, and the value could become a command.
        if (!isWhole && !ShellWord.IsPlain(value))
            return $"the value needs quotes, which would be lost; only '%({placeholder.Key})s' is possible";
        var word = placeholder.Conversion == 's' ? ShellWord.Quote(value) : $"'{value}'";
        if (placeholder.Precision >= 0 && placeholder.Precision < word.Length)
            word = word[..placeholder.Precision];
        into.Append(Padded(word, placeholder));
        return null;
    }

    /// <summary>Returns what is wrong with a placeholder regardless of the client; null if nothing is.</summary>
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

    /// <summary>Pads a word to the width in characters, as Python counts them.</summary>
    private static string Padded(string word, CheckerPlaceholder placeholder)
    {
        var missing = placeholder.Width - word.EnumerateRunes().Count();
        if (missing <= 0)
            return word;
        var spaces = new string(' ', missing);
        return placeholder.AlignsLeft ? word + spaces : spaces + word;
    }
}

/// <summary>Quotes any text as one word of a POSIX shell, like Python's <c>shlex.quote</c>.</summary>
internal static class ShellWord
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-");

    /// <summary>Whether the text has no special meaning to any shell.</summary>
    internal static bool IsPlain(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Plain);

    /// <summary>Returns a plain text unchanged, any other in single quotes, with each single quote as <c>'"'"'</c>.</summary>
    internal static string Quote(string text) =>
        IsPlain(text) ? text : $"'{text.Replace("'", "'\"'\"'", StringComparison.Ordinal)}'";
}
