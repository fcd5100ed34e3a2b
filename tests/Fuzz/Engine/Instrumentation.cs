using SharpFuzz;

namespace Mandos.Fuzz.Engine;

/// <summary>Has an assembly count its branches, for <see cref="CoverageMap"/>.</summary>
internal static class Instrumentation
{
    internal static string Add(string assembly)
    {
        var types = Fuzzer.Instrument(assembly, static _ => true, Options.Value).Count();
        return $"{Path.GetFileName(assembly)}: {types} types count their branches";
    }
}
