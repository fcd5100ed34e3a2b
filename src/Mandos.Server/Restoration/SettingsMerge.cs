using Mandos.Server.Clients;

namespace Mandos.Server.Restoration;

/// <summary>The rule of <see cref="Reconciliation"/>, setting by setting.</summary>
internal static class SettingsMerge
{
    /// <param name="before">What the configuration said the last time; null: nothing.</param>
    /// <param name="configured">What it says now.</param>
    /// <param name="current">What holds.</param>
    internal static ClientSettings Of(ClientSettings? before, ClientSettings configured, ClientSettings current)
    {
        if (before is null)
            return configured;
        return new ClientSettings
        {
            Host = Pick(s => s.Host),
            Checker = Pick(s => s.Checker),
            Timeout = Pick(s => s.Timeout),
            ExtendedTimeout = Pick(s => s.ExtendedTimeout),
            Interval = Pick(s => s.Interval),
            ApprovalDelay = Pick(s => s.ApprovalDelay),
            ApprovalDuration = Pick(s => s.ApprovalDuration),
            ApprovedByDefault = Pick(s => s.ApprovedByDefault),
        };

        T Pick<T>(Func<ClientSettings, T> setting) =>
            EqualityComparer<T>.Default.Equals(setting(before), setting(configured)) ? setting(current) : setting(configured);
    }
}
