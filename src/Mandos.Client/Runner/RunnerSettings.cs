using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Runner;

/// <summary>The settings of plugin-runner: the defaults, overridden by the configuration file and then by the command line.</summary>
internal sealed class RunnerSettings
{
    internal const string DefaultPluginDirectory = "/lib/mandos/plugins.d";
    internal const string DefaultHelperDirectory = "/lib/mandos/plugin-helpers";
    internal const string DefaultConfigFile = "/conf/conf.d/mandos/plugin-runner.conf";

    /// <summary>The plugin directory.</summary>
    internal string PluginDirectory { get; set; } = DefaultPluginDirectory;

    /// <summary>The value of MANDOSPLUGINHELPERDIR for the plugins.</summary>
    internal string HelperDirectory { get; set; } = DefaultHelperDirectory;

    /// <summary>The configuration file; null for the default, unless the command line names another.</summary>
    internal string? ConfigFile { get; set; }

    /// <summary>The user that plugins run as.</summary>
    internal uint User { get; set; } = Credentials.Nobody;

    /// <summary>The group that plugins run as.</summary>
    internal uint Group { get; set; } = Credentials.Nobody;

    /// <summary>Print debug messages on standard error.</summary>
    internal bool Debug { get; set; }

    /// <summary>Arguments for every plugin, after its own.</summary>
    internal List<string> GlobalOptions { get; } = [];

    /// <summary>Variables for every plugin; later ones win.</summary>
    internal List<KeyValuePair<string, string>> GlobalEnvironment { get; } = [];

    private readonly Dictionary<string, PluginSettings> _plugins = [];

    /// <summary>The settings of a plugin, which can be added to.</summary>
    internal PluginSettings For(string plugin)
    {
        if (!_plugins.TryGetValue(plugin, out var settings))
            _plugins.Add(plugin, settings = new PluginSettings());
        return settings;
    }

    /// <summary>The arguments of a plugin, its name first.</summary>
    internal IReadOnlyList<string> ArgumentsOf(string plugin) => [plugin, .. For(plugin).Options, .. GlobalOptions];

    /// <summary>
    /// The environment of a plugin: the inherited one, the variables for all plugins, and those for this one; later ones win.
    /// </summary>
    internal IReadOnlyList<string> EnvironmentOf(string plugin) => ChildEnvironment.InheritedWith(
        [.. GlobalEnvironment, new("MANDOSPLUGINHELPERDIR", HelperDirectory), .. For(plugin).Environment]);
}

/// <summary>The settings of one plugin.</summary>
internal sealed class PluginSettings
{
    /// <summary>Arguments for this plugin only.</summary>
    internal List<string> Options { get; } = [];

    /// <summary>Variables for this plugin only; they override all others.</summary>
    internal List<KeyValuePair<string, string>> Environment { get; } = [];

    /// <summary>Whether the plugin is not started.</summary>
    internal bool Disabled { get; set; }
}
