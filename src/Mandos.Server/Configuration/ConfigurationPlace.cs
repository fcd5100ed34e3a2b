using System.Globalization;

namespace Mandos.Server.Configuration;

/// <summary>A line of a configuration file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">From 1; 0 if it is not in a file.</param>
internal readonly record struct ConfigurationPlace(string File, int Line)
{
    /// <summary><c>/etc/mandos/clients.conf:12</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");
}
