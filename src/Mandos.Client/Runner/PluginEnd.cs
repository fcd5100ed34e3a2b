using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>How one run of a plugin ended: with a password, or with the reason why there is none.</summary>
internal sealed class PluginEnd
{
    private PluginEnd(SecretBuffer? password, bool isTemporary, string reason) =>
        (Password, IsTemporary, Reason) = (password, isTemporary, reason);

    /// <summary>The password, which the receiver owns; null if there is none.</summary>
    internal SecretBuffer? Password { get; }

    /// <summary>Whether another run may succeed.</summary>
    internal bool IsTemporary { get; }

    /// <summary>The reason why there is no password.</summary>
    internal string Reason { get; }

    internal static PluginEnd With(SecretBuffer password) => new(password, isTemporary: false, "");

    internal static PluginEnd Without(string reason) => new(null, isTemporary: false, reason);

    internal static PluginEnd TryAgain(string reason) => new(null, isTemporary: true, reason);
}
