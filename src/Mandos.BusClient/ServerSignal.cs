namespace Mandos.BusClient;

/// <summary>What the server signals (docs/dbus.md), or the bus about the server.</summary>
public abstract record ServerSignal
{
    private ServerSignal()
    {
    }

    /// <summary>A server has the name now.</summary>
    public sealed record Appeared : ServerSignal;

    /// <summary>The server has left the bus.</summary>
    public sealed record Left : ServerSignal;

    /// <summary>The connection to the bus is lost; no signal follows.</summary>
    public sealed record Lost : ServerSignal;

    /// <summary>A client exists.</summary>
    public sealed record Added(ClientState Client) : ServerSignal;

    /// <summary>A client does not exist any more.</summary>
    public sealed record Removed(string Path) : ServerSignal;

    /// <summary>Properties of a client have changed.</summary>
    public sealed record Changed(string Path, IReadOnlyDictionary<string, object> Properties) : ServerSignal;

    /// <summary>A check of a client has started.</summary>
    public sealed record CheckerStarted(string Path, string Command) : ServerSignal;

    /// <summary>A check of a client is over.</summary>
    /// <param name="Path">The client.</param>
    /// <param name="ExitCode">The exit code; -1 if it was killed.</param>
    /// <param name="WaitStatus">As in wait(2).</param>
    /// <param name="Command">The command.</param>
    public sealed record CheckerCompleted(string Path, int ExitCode, long WaitStatus, string Command) : ServerSignal;

    /// <summary>A client has received its secret.</summary>
    public sealed record GotSecret(string Path) : ServerSignal;

    /// <summary>A client waits for a decision.</summary>
    /// <param name="Path">The client.</param>
    /// <param name="Delay">The time until the decision is made without an operator.</param>
    /// <param name="ApprovedByDefault">That decision.</param>
    public sealed record NeedApproval(string Path, TimeSpan Delay, bool ApprovedByDefault) : ServerSignal;

    /// <summary>A client did not receive its secret.</summary>
    public sealed record Rejected(string Path, string Reason) : ServerSignal;

    /// <summary>A client will be disabled unless a check succeeds; only our server signals it.</summary>
    /// <param name="Path">The client.</param>
    /// <param name="Expires">When it is disabled; null if the server did not send a time.</param>
    /// <param name="Remaining">The time until then.</param>
    /// <param name="LastCheckerStatus">The exit code of the last check; -1: killed, -2: no check yet.</param>
    /// <param name="Reason">How the last check ended, in words.</param>
    public sealed record ExpiresSoon(string Path, DateTimeOffset? Expires, TimeSpan Remaining, int LastCheckerStatus, string Reason)
        : ServerSignal;

    /// <summary>A peer has a key that belongs to no client.</summary>
    public sealed record ClientNotFound(string KeyId, string Address) : ServerSignal;
}
