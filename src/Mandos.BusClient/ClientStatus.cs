namespace Mandos.BusClient;

/// <summary>What an operator wants to know about a client at first sight.</summary>
public enum ClientStatus
{
    /// <summary>It waits for a decision.</summary>
    Pending,

    /// <summary>It does not get its secret.</summary>
    Disabled,

    /// <summary>It is enabled, but its last check failed.</summary>
    Failing,

    /// <summary>It is enabled, and its last check succeeded or is still to come.</summary>
    Enabled,
}

/// <summary>Facts that follow from the properties of a client.</summary>
public static class ClientFacts
{
    /// <summary>The value of <c>LastCheckerStatus</c> before the first check.</summary>
    private const long NoCheckYet = -2;

    /// <summary>The status of a client.</summary>
    public static ClientStatus Status(this ClientState client)
    {
        if (!client.Flag("Enabled"))
            return ClientStatus.Disabled;
        if (client.Flag("ApprovalPending"))
            return ClientStatus.Pending;
        return client.Number("LastCheckerStatus") is 0 or NoCheckYet ? ClientStatus.Enabled : ClientStatus.Failing;
    }

    /// <summary>As the list shows it and as JSON has it.</summary>
    public static string Word(this ClientStatus status) => status switch
    {
        ClientStatus.Pending => "pending",
        ClientStatus.Disabled => "disabled",
        ClientStatus.Failing => "failing",
        _ => "enabled",
    };

    /// <summary>Until when the client is in maintenance and is not disabled; null if it is not.</summary>
    public static DateTimeOffset? Maintenance(this ClientState client) => client.Time("Maintenance");

    /// <summary>When a pending request is decided without an operator; null if none is pending.</summary>
    public static DateTimeOffset? Decides(this ClientState client)
    {
        if (!client.Flag("ApprovalPending") || client.Time("LastApprovalRequest") is not { } asked)
            return null;
        var delay = client.Span("ApprovalDelay");
        return DateTimeOffset.MaxValue - asked > delay ? asked + delay : DateTimeOffset.MaxValue;
    }
}
