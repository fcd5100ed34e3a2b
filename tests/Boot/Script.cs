namespace Mandos.Boot;

/// <summary>Shell scripts that are part of this assembly.</summary>
internal static class Script
{
    /// <summary>The text of a script.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(Script).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"no script {name} in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
