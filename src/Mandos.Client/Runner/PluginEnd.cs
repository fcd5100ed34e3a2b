using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>How one run of a plugin ended: with a password, or with a reason why there is none.</summary>
internal sealed class PluginEnd
{
    private PluginEnd(SecretBuffer? password, bool isTemporary, string reason) =>
        (Password, IsTemporary, Reason) = (password, isTemporary, reason);

    /// <summary>The receiver owns it; null if there is none.</summary>
    internal SecretBuffer? Password { get; }

    /// <summary>Another run may do better.</summary>
    internal bool IsTemporary { get; }

    /// <summary>What happened instead.</summary>
    internal string Reason { get; }

    internal static PluginEnd With(SecretBuffer password) => new(password, isTemporary: false, "");

    internal static PluginEnd Without(string reason) => new(null, isTemporary: false, reason);

    internal static PluginEnd TryAgain(string reason) => new(null, isTemporary: true, reason);
}
