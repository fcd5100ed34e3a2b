using System.Globalization;
using System.Text;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The object paths of clients. Those of names from <c>[A-Za-z0-9_.-]</c> are the original's.</summary>
internal static class ClientPath
{
    /// <summary>The node that all clients are below.</summary>
    internal const string Parent = "/clients";

    /// <summary>
    /// The path of a client, if no earlier one has the same: <c>.</c> and <c>-</c> become <c>_</c>, each byte (UTF-8) of what
    /// else a path cannot hold becomes <c>_XX</c> in hexadecimal.
    /// </summary>
    internal static string Of(string name) => $"{Parent}/{Element(name)}";

    /// <summary>The same, with <c>_2</c>, <c>_3</c>… behind it until it is free.</summary>
    internal static string Of(string name, Func<string, bool> isTaken)
    {
        var path = Of(name);
        var free = path;
        for (var number = 2; isTaken(free); number++)
            free = string.Create(CultureInfo.InvariantCulture, $"{path}_{number}");
        return free;
    }

    private static string Element(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b == '_')
                result.Append((char)b);
            else if (b is (byte)'.' or (byte)'-')
                result.Append('_');
            else
                result.Append(CultureInfo.InvariantCulture, $"_{b:X2}");
        }

        // A path has no empty element, a section of the file may have no name.
        return result.Length == 0 ? "_" : result.ToString();
    }
}
