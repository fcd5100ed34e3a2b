using System.Text.Json;
using Mandos.BusClient;

namespace Mandos.Control.Commands;

/// <summary>A signal as JSON.</summary>
internal static class SignalJson
{
    /// <summary>The members of its JSON object after the time and the name of the client.</summary>
    internal static void Write(Utf8JsonWriter json, ServerSignal signal)
    {
        json.WriteString("event", signal switch
        {
            ServerSignal.Added => "added",
            ServerSignal.Removed => "removed",
            ServerSignal.Changed => "changed",
            ServerSignal.CheckerStarted => "checker_started",
            ServerSignal.CheckerCompleted => "checker_completed",
            ServerSignal.GotSecret => "got_secret",
            ServerSignal.NeedApproval => "need_approval",
            ServerSignal.Rejected => "rejected",
            ServerSignal.ExpiresSoon => "expires_soon",
            ServerSignal.ClientNotFound => "client_not_found",
            ServerSignal.Appeared => "server_started",
            ServerSignal.Left => "server_stopped",
            _ => "bus_lost",
        });
        switch (signal)
        {
            case ServerSignal.Changed one:
                json.WriteStartObject("properties");
                foreach (var (name, value) in one.Properties)
                    WriteValue(json, name, value);
                json.WriteEndObject();
                break;
            case ServerSignal.CheckerStarted one:
                json.WriteString("command", one.Command);
                break;
            case ServerSignal.CheckerCompleted one:
                json.WriteString("command", one.Command);
                json.WriteNumber("exit_code", one.ExitCode);
                json.WriteNumber("wait_status", one.WaitStatus);
                break;
            case ServerSignal.NeedApproval one:
                json.WriteNumber("decides_in_ms", one.Delay.Ticks / TimeSpan.TicksPerMillisecond);
                json.WriteBoolean("approved_by_default", one.ApprovedByDefault);
                break;
            case ServerSignal.Rejected one:
                json.WriteString("reason", one.Reason);
                break;
            case ServerSignal.ExpiresSoon one:
                ClientJson.WriteTime(json, "expires", one.Expires);
                json.WriteNumber("left_ms", one.Remaining.Ticks / TimeSpan.TicksPerMillisecond);
                ClientJson.WriteCheckerStatus(json, one.LastCheckerStatus);
                json.WriteString("reason", one.Reason);
                break;
            case ServerSignal.ClientNotFound one:
                json.WriteString("key_id", one.KeyId);
                json.WriteString("address", one.Address);
                break;
        }
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }
}
