namespace Mandos.Client.Runner;

/// <summary>What was said about one plugin.</summary>
internal sealed class PluginSettings
{
    /// <summary>Arguments for this plugin alone.</summary>
    internal List<string> Options { get; } = [];

    /// <summary>Variables for this plugin alone; they win over all others.</summary>
    internal List<KeyValuePair<string, string>> Environment { get; } = [];

    /// <summary>It is not started.</summary>
    internal bool Disabled { get; set; }
}
