using System.Collections;

namespace Mandos.Core.Linux.Processes;

/// <summary>Environments for children.</summary>
public static class ChildEnvironment
{
    /// <summary>Returns the environment of this process with some variables set, as <c>NAME=value</c>.</summary>
    public static IReadOnlyList<string> InheritedWith(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var result = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            result[(string)variable.Key] = (string?)variable.Value ?? "";
        foreach (var (name, value) in variables)
            result[name] = value;
        return [.. result.Select(variable => $"{variable.Key}={variable.Value}")];
    }
}
