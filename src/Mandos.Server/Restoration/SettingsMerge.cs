using Mandos.Server.Clients;

namespace Mandos.Server.Restoration;

/// <summary>The rule of <see cref="Reconciliation"/>, setting by setting.</summary>
internal static class SettingsMerge
{
    /// <param name="before">What the configuration said the last time; null: nothing.</param>
    /// <param name="configured">What it says now.</param>
    /// <param name="current">What holds.</param>
    internal static ClientSettings Of(ClientSettings? before, ClientSettings configured, ClientSettings current) => before is null
        ? configured
        : ClientSetting.All.Where(s => s.IsSame(before, configured)).Aggregate(configured, (settings, s) => s.Copy(current, settings));
}
