using System.Text;

namespace Mandos.Client.Agent;

/// <summary>
/// The relevant keys of group <c>[Ask]</c> in a key file (the format of .desktop files): groups in brackets, <c>key=value</c>, comments
/// after '#'; unknown keys and groups are ignored. A duplicate key makes the file invalid: a newline in a disk's name may have added the
/// second one to redirect the password.
/// </summary>
internal sealed class AskKeys
{
    private const string Blanks = " \t\r\f\v";
    private bool _seen;

    internal string Socket { get; private set; } = "";

    internal string ProcessId { get; private set; } = "";

    internal string NotAfter { get; private set; } = "";

    internal string Id { get; private set; } = "";

    internal string Message { get; private set; } = "";

    /// <summary>Parses all lines; returns what is wrong with them, or an empty string.</summary>
    internal string Read(string text)
    {
        string? group = null;
        var number = 0;
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            number++;
            var end = rest.IndexOf('\n');
            var line = (end < 0 ? rest : rest[..end]).Trim(Blanks);
            rest = end < 0 ? default : rest[(end + 1)..];
            if (line.IsEmpty || line[0] == '#')
                continue;
            if (line[0] == '[' && line[^1] == ']')
            {
                group = line[1..^1].ToString();
                _seen |= group == "Ask";
                continue;
            }

            var equals = line.IndexOf('=');
            if (equals <= 0 || group is null)
                return $"line {number} is neither a group, a key nor a comment";
            if (group == "Ask" && !Take(line[..equals].TrimEnd(Blanks), line[(equals + 1)..].TrimStart(Blanks)))
                return $"line {number} has a duplicate key or an invalid value";
        }

        return _seen ? "" : "it has no group [Ask]";
    }

    private bool Take(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        switch (key)
        {
            case "Socket" when Socket.Length == 0:
                return Unescape(value) is { } path && (Socket = path).Length >= 0;
            case "PID" when ProcessId.Length == 0:
                ProcessId = value.ToString();
                return true;
            case "NotAfter" when NotAfter.Length == 0:
                NotAfter = value.ToString();
                return true;
            case "Id" when Id.Length == 0:
                Id = value.ToString();
                return true;
            case "Message" when Message.Length == 0:
                Message = value.ToString();
                return true;
            default:
                return key is not ("Socket" or "PID" or "NotAfter" or "Id" or "Message");
        }
    }

    /// <summary>Unescapes \s, \t, \n, \r and \\; null if there is any other escape.</summary>
    private static string? Unescape(ReadOnlySpan<char> value)
    {
        if (!value.Contains('\\'))
            return value.ToString();
        var result = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\')
            {
                result.Append(value[i]);
                continue;
            }

            var meant = ++i < value.Length ? value[i] : '\0';
            if (meant is not ('s' or 't' or 'n' or 'r' or '\\'))
                return null;
            result.Append(meant switch { 's' => ' ', 't' => '\t', 'n' => '\n', 'r' => '\r', _ => '\\' });
        }

        return result.ToString();
    }
}
