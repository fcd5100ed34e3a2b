using System.Collections.Frozen;

namespace Mandos.Server.Audit;

/// <summary>
/// The events in the audit trail: every decision about a client and every change, by their names in the log. What only concerns the health
/// of the server is not among them.
/// </summary>
internal static class AuditEvents
{
    internal static readonly FrozenSet<string> Names = new[]
    {
        // The server.
        "Started", "Stopped", "Reloaded", "Asked",

        // The lives of clients.
        "Added", "Removed", "Enabled", "Disabled", "Expired", "ExpiresSoon", "ExpiryHeld", "Maintained", "MaintenanceOver",
        "Changed", "ChangedByUser", "RefusedToUser",

        // Requests for passwords.
        "ApprovalNeeded", "Approved", "Denied", "Delivered", "DeliveredUnconfirmed", "Rehearsed", "Interrupted", "StoppedMeanwhile",
        "Refused", "RefusedUnknown", "CrowdedOut", "LeftWhileWaiting", "StoppedWhileWaiting", "MoreOfClient", "MoreUnknown",
    }.ToFrozenSet(StringComparer.Ordinal);
}
