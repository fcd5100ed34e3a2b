namespace Mandos.Interop;

/// <summary>The commands that README.md tells to type.</summary>
internal static class ReadmeCommands
{
    /// <summary>Those of a section that begin with a prompt such as <c>client#</c>, in order.</summary>
    public static IReadOnlyList<string> Of(string section, string prompt)
    {
        var commands = File.ReadLines(Path.Combine(Golden.Root, "README.md"))
            .SkipWhile(l => l != $"## {section}").Skip(1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal))
            .Select(l => l.Trim()).Where(l => l.StartsWith($"{prompt} ", StringComparison.Ordinal))
            .Select(l => l[(prompt.Length + 1)..]).ToList();
        Assert.NotEmpty(commands);
        return commands;
    }
}
