using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Runner;

/// <summary>What plugin-runner was asked to do: the defaults, then the config file, then the command line on top.</summary>
internal sealed class RunnerSettings
{
    internal const string DefaultPluginDirectory = "/lib/mandos/plugins.d";
    internal const string DefaultHelperDirectory = "/lib/mandos/plugin-helpers";
    internal const string DefaultConfigFile = "/conf/conf.d/mandos/plugin-runner.conf";

    /// <summary>Where the plugins are.</summary>
    internal string PluginDirectory { get; set; } = DefaultPluginDirectory;

    /// <summary>What the plugins find in MANDOSPLUGINHELPERDIR.</summary>
    internal string HelperDirectory { get; set; } = DefaultHelperDirectory;

    /// <summary>The config file; null until the command line names another than the default.</summary>
    internal string? ConfigFile { get; set; }

    /// <summary>The user that plugins run as.</summary>
    internal uint User { get; set; } = Credentials.Nobody;

    /// <summary>The group that plugins run as.</summary>
    internal uint Group { get; set; } = Credentials.Nobody;

    /// <summary>Print on standard error what happens.</summary>
    internal bool Debug { get; set; }

    /// <summary>Arguments for every plugin; they come behind its own.</summary>
    internal List<string> GlobalOptions { get; } = [];

    /// <summary>Variables for every plugin; later ones win.</summary>
    internal List<KeyValuePair<string, string>> GlobalEnvironment { get; } = [];

    private readonly Dictionary<string, PluginSettings> _plugins = [];

    /// <summary>What was said about the plugin, to be added to.</summary>
    internal PluginSettings For(string plugin)
    {
        if (!_plugins.TryGetValue(plugin, out var settings))
            _plugins.Add(plugin, settings = new PluginSettings());
        return settings;
    }

    /// <summary>The arguments of a plugin, its name first.</summary>
    internal IReadOnlyList<string> ArgumentsOf(string plugin) => [plugin, .. For(plugin).Options, .. GlobalOptions];

    /// <summary>The environment of a plugin: what we inherited, the variables for all, those for it; later ones win.</summary>
    internal IReadOnlyList<string> EnvironmentOf(string plugin) => ChildEnvironment.InheritedWith(
        [.. GlobalEnvironment, new("MANDOSPLUGINHELPERDIR", HelperDirectory), .. For(plugin).Environment]);
}

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
