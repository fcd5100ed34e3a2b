using System.Text;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>
/// The alternatives when a name is taken, as Avahi forms them: <c>Mandos</c>, <c>Mandos #2</c>, <c>Mandos #3</c>; <c>host</c>,
/// <c>host-2</c>.
/// </summary>
internal sealed class AlternativeName(string baseName, string separator)
{
    private int _number = 1;

    /// <summary>The current name, one label of at most 63 bytes of UTF-8.</summary>
    internal string Current { get; private set; } = Cut(baseName, DnsName.MaxLabelLength);

    internal byte[] Label => Encoding.UTF8.GetBytes(Current);

    internal void Advance()
    {
        var suffix = $"{separator}{++_number}";
        Current = Cut(baseName, DnsName.MaxLabelLength - suffix.Length) + suffix;
    }

    /// <summary>Cuts a name, but never within a character.</summary>
    private static string Cut(string name, int bytes)
    {
        while (Encoding.UTF8.GetByteCount(name) > bytes)
            name = name[..^(name.Length > 1 && char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        return name;
    }
}
