using Mandos.Server.Clients;

namespace Mandos.Server.Restoration;

/// <summary>The rule of <see cref="Reconciliation"/>, setting by setting.</summary>
internal static class SettingsMerge
{
    /// <param name="before">The previous configuration; null if there was none.</param>
    /// <param name="configured">The current configuration.</param>
    /// <param name="current">The current settings.</param>
    internal static ClientSettings Of(ClientSettings? before, ClientSettings configured, ClientSettings current) => before is null
        ? configured
        : ClientSetting.All.Where(s => s.IsSame(before, configured)).Aggregate(configured, (settings, s) => s.Copy(current, settings));
}
