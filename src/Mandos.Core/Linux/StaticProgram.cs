using System.Diagnostics.CodeAnalysis;

namespace Mandos.Core.Linux;

/// <summary>Whether this is a published static program, which has the objects of src/native linked into it.</summary>
public static class StaticProgram
{
    /// <summary>Known when a published program is compiled. False in a test and in a program that dotnet runs.</summary>
    [FeatureSwitchDefinition("Mandos.StaticProgram")]
    public static bool IsPublished => AppContext.TryGetSwitch("Mandos.StaticProgram", out var isSet) && isSet;
}
