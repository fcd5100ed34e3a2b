using System.Globalization;

namespace Mandos.BusClient;

/// <summary>Signals in words, for people.</summary>
public static class SignalDescription
{
    /// <summary>The exit code of a checker that was killed.</summary>
    private const int Killed = -1;

    /// <summary>The path of the client that it is about; null if it is about none.</summary>
    public static string? PathOf(ServerSignal signal) => signal switch
    {
        ServerSignal.Added one => one.Client.Path,
        ServerSignal.Removed one => one.Path,
        ServerSignal.Changed one => one.Path,
        ServerSignal.CheckerStarted one => one.Path,
        ServerSignal.CheckerCompleted one => one.Path,
        ServerSignal.GotSecret one => one.Path,
        ServerSignal.NeedApproval one => one.Path,
        ServerSignal.Rejected one => one.Path,
        ServerSignal.ExpiresSoon one => one.Path,
        _ => null,
    };

    /// <summary>What has happened.</summary>
    public static string Describe(ServerSignal signal) => signal switch
    {
        ServerSignal.Added => "added",
        ServerSignal.Removed => "removed",
        ServerSignal.Changed one => string.Join(", ", one.Properties.Select(property => $"{property.Key} = {Value(property.Value)}")),
        ServerSignal.CheckerStarted one => $"check started: {one.Command}",
        ServerSignal.CheckerCompleted { ExitCode: 0 } => "check succeeded",
        ServerSignal.CheckerCompleted { ExitCode: Killed } one =>
            string.Create(CultureInfo.InvariantCulture, $"check killed by signal {one.WaitStatus & 0x7F}"),
        ServerSignal.CheckerCompleted one => string.Create(CultureInfo.InvariantCulture, $"check failed with exit code {one.ExitCode}"),
        ServerSignal.GotSecret => "received its secret",
        ServerSignal.NeedApproval one =>
            $"waits for a decision; {(one.ApprovedByDefault ? "approved" : "denied")} without one in {Moments.Rough(one.Delay)}",
        ServerSignal.Rejected one => $"did not receive its secret: {one.Reason}",
        ServerSignal.ExpiresSoon one =>
            $"will be disabled in {Moments.Rough(one.Remaining)} unless a check succeeds; last check: {one.Reason}",
        ServerSignal.ClientNotFound one => $"a client with an unknown key asked for a secret: key_id {one.KeyId}, address {one.Address}",
        ServerSignal.Appeared => "the server has started",
        ServerSignal.Left => "the server has stopped",
        _ => "the connection to the bus is lost",
    };

    private static string Value(object value) => value switch
    {
        bool flag => flag ? "yes" : "no",
        "" => "never",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
