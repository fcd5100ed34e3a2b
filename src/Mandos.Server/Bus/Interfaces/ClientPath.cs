using System.Globalization;
using System.Text;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The object paths of clients. Names that consist of <c>[A-Za-z0-9_.-]</c> get the same paths as upstream's.</summary>
internal static class ClientPath
{
    /// <summary>The parent node of all clients.</summary>
    internal const string Parent = "/clients";

    /// <summary>
    /// The path of a client before collisions are resolved: <c>.</c> and <c>-</c> become <c>_</c>, and each other byte (UTF-8) that a path
    /// cannot contain becomes <c>_XX</c> in hexadecimal.
    /// </summary>
    internal static string Of(string name) => $"{Parent}/{Element(name)}";

    /// <summary>The path of a client, with <c>_2</c>, <c>_3</c>… appended if it is already taken.</summary>
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

        // A path element cannot be empty, but a section name can.
        return result.Length == 0 ? "_" : result.ToString();
    }
}
