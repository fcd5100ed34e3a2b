using System.Text;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// <c>$NAME</c> and <c>${NAME}</c> in a file name, then <c>~</c> and <c>~user</c> at its beginning, as Python's <c>os.path</c> expands
/// them: unknown names are left unchanged.
/// </summary>
/// <param name="variable">Returns the value of an environment variable; null if there is none.</param>
/// <param name="home">Returns the home directory of a user, or our own for null; null if it is unknown.</param>
internal sealed class PathExpansion(Func<string, string?> variable, Func<string?, string?> home)
{
    /// <summary>Expands a file name.</summary>
    internal string Expand(string path) => ExpandHome(ExpandVariables(path));

    private string ExpandVariables(string path)
    {
        var result = new StringBuilder();
        for (var at = 0; at < path.Length;)
        {
            var length = path[at] == '$' ? ReferenceLength(path, at) : 0;
            var name = length == 0 ? "" : path.Substring(at + 1, length - 1);
            if (name is ['{', .. var inner, '}'])
                name = inner;
            if (length > 0 && variable(name) is { } value)
                result.Append(value);
            else
                result.Append(path, at, Math.Max(length, 1));
            at += Math.Max(length, 1);
        }

        return result.ToString();
    }

    /// <summary>The number of characters from the <c>$</c> to the end of the name or the brace; 0 if it is not a reference.</summary>
    private static int ReferenceLength(string path, int at)
    {
        var end = at + 1;
        if (end < path.Length && path[end] == '{')
            return path.IndexOf('}', end) is >= 0 and var close ? close + 1 - at : 0;
        while (end < path.Length && (char.IsAsciiLetterOrDigit(path[end]) || path[end] == '_'))
            end++;
        return end == at + 1 ? 0 : end - at;
    }

    private string ExpandHome(string path)
    {
        if (path is not ['~', ..])
            return path;
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var end = slash < 0 ? path.Length : slash;
        if (home(end == 1 ? null : path[1..end]) is not { } directory)
            return path;
        var expanded = directory.TrimEnd('/') + path[end..];
        return expanded.Length == 0 ? "/" : expanded;
    }
}
