namespace Mandos.Client.Network;

/// <summary>
/// A chosen interface can be used (from now on, or with one more address), or no longer.
/// </summary>
internal readonly record struct InterfaceChange(int Index, string Name, bool Usable);
