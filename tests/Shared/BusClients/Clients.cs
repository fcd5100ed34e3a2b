using Mandos.BusClient;

namespace Mandos.Tests.BusClients;

/// <summary>Clients as a server reports them.</summary>
internal static class Clients
{
    internal static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    internal static ClientState Enabled(string name, params (string Property, object Value)[] properties)
    {
        var values = new Dictionary<string, object>
        {
            ["Name"] = name,
            ["Host"] = $"{name}.example",
            ["Enabled"] = true,
            ["LastCheckerStatus"] = 0L,
            ["ApprovalDelay"] = 60_000L,
            ["Expires"] = "2026-11-30T12:05:00Z",
        };
        foreach (var (property, value) in properties)
            values[property] = value;
        return new($"/clients/{name}", values);
    }

    internal static ClientState Disabled(string name) => Enabled(name, ("Enabled", false), ("Expires", ""));

    internal static ClientState Failing(string name, string expires = "2026-11-30T12:05:00Z") =>
        Enabled(name, ("LastCheckerStatus", 1L), ("Expires", expires));

    internal static ClientState Pending(string name, string asked = "2026-11-30T11:59:30Z", bool approvedByDefault = false) => Enabled(
        name, ("ApprovalPending", true), ("LastApprovalRequest", asked), ("ApprovedByDefault", approvedByDefault));
}
