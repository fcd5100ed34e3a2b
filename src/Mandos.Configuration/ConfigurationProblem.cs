using System.Globalization;
using Mandos.Core.Text;

namespace Mandos.Configuration;

/// <summary>A problem in a configuration file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line, from 1; 0 for the whole file.</param>
/// <param name="Reason">What is wrong; never contains a secret.</param>
/// <param name="IsWarning">Whether everything works nevertheless.</param>
internal sealed record ConfigurationProblem(string File, int Line, string Reason, bool IsWarning = false)
{
    /// <summary><c>/etc/mandos/clients.conf:12: reason</c>.</summary>
    public override string ToString() =>
        PrintableText.Of(Line == 0 ? $"{File}: {Reason}" : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}: {Reason}"));
}

/// <summary>A line of a configuration file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">From 1; 0 if it is not in a file.</param>
internal readonly record struct ConfigurationPlace(string File, int Line)
{
    /// <summary><c>/etc/mandos/clients.conf:12</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");
}
