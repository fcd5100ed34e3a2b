using System.Diagnostics.CodeAnalysis;

namespace Mandos.Core.Linux;

/// <summary>Whether this is a published static program, which has the objects of src/native linked into it.</summary>
public static class StaticProgram
{
    /// <summary>The compiler of a published program knows the value. False in a test and in a program that dotnet runs.</summary>
    [FeatureSwitchDefinition("Mandos.StaticProgram")]
    public static bool IsPublished => AppContext.TryGetSwitch("Mandos.StaticProgram", out var isSet) && isSet;
}
