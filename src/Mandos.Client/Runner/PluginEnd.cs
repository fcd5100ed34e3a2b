using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>How one run of a plugin ended: with a password, or with a reason why there is none.</summary>
/// <param name="Password">The receiver owns it; null if there is none.</param>
/// <param name="IsTemporary">Another run may do better.</param>
/// <param name="Reason">What happened instead.</param>
internal readonly record struct PluginEnd(SecretBuffer? Password, bool IsTemporary, string Reason)
{
    internal static PluginEnd With(SecretBuffer password) => new(password, IsTemporary: false, "");

    internal static PluginEnd Without(string reason) => new(null, IsTemporary: false, reason);

    internal static PluginEnd TryAgain(string reason) => new(null, IsTemporary: true, reason);
}
