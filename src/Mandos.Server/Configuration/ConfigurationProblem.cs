using System.Globalization;
using Mandos.Core.Text;

namespace Mandos.Server.Configuration;

/// <summary>Something that is wrong in a configuration file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">Its line, from 1; 0 if the whole file is meant.</param>
/// <param name="Reason">What is wrong there; never a secret.</param>
/// <param name="IsWarning">True if nothing that works is lost by it.</param>
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
