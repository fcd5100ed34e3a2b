namespace Mandos.Client.Plugins;

/// <summary>Options of a plugin that asks.</summary>
/// <param name="Prompt">What to show; null for a text about the disk.</param>
/// <param name="Prefix">What to show before it.</param>
/// <param name="Debug">True to print what happens.</param>
internal sealed record PluginOptions(string? Prompt, string? Prefix, bool Debug);
