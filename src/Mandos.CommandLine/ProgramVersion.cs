using System.Reflection;

namespace Mandos.CommandLine;

/// <summary>The version that every program of the project reports.</summary>
public static class ProgramVersion
{
    /// <summary>For example <c>0.1.0</c>; fixed in Directory.Build.props.</summary>
    public static string Value { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
