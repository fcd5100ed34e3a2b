using Mandos.Control.Hosting;

namespace Mandos.Control.Tests;

/// <summary>Environments of the program.</summary>
internal static class Outputs
{
    /// <summary>Standard output is a file or a pipe.</summary>
    internal static ControlEnvironment File() =>
        new() { Output = new StringWriter(), Error = new StringWriter(), Variable = static _ => null };

    /// <summary>Standard output is a terminal of 80 columns and 24 rows.</summary>
    internal static ControlEnvironment Screen() => File() with { Screen = (80, 24) };
}
