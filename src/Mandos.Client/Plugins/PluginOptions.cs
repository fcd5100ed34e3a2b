namespace Mandos.Client.Plugins;

/// <summary>What a plugin that asks was told.</summary>
/// <param name="Prompt">What to show; null for a text about the disk.</param>
/// <param name="Prefix">What to show before it.</param>
/// <param name="Debug">True to tell what happens.</param>
internal sealed record PluginOptions(string? Prompt, string? Prefix, bool Debug);
