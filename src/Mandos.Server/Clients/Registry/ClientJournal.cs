using System.Globalization;
using Mandos.Core.Keys;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>Logs the lives of clients. The code that serves a connection logs its outcome.</summary>
/// <param name="decisions">Logs what decides who gets a secret.</param>
/// <param name="checks">Logs checks that cannot be started, each time.</param>
internal sealed class ClientJournal(ILogger decisions, ILogger checks) : IClientObserver
{
    /// <inheritdoc />
    public void Observe(ClientTransition transition)
    {
        // A new client either existed when the journal began, or is logged by the code that adds it.
        if (transition.Before is not { } before)
            return;
        if (transition.After is not { } after)
        {
            decisions.Removed(before.Name);
            return;
        }

        if (after.Decision is { } decision && !ReferenceEquals(decision, before.Decision))
            TellDecision(after, decision);
        var isExpired = transition.Effects.Any(e => e is ClientEffect.Expired);
        var settings = new List<string>();
        foreach (var effect in transition.Effects)
        {
            switch (effect)
            {
                case ClientEffect.Expired:
                    decisions.Expired(after.Name);
                    break;
                case ClientEffect.ExpiryHeld(var cause):
                    decisions.ExpiryHeld(after.Name, cause.Failing, cause.Checked, Text(after.Expires?.Wall));
                    break;
                case ClientEffect.Changed(ClientProperty.Enabled) when after.Enabled:
                    decisions.Enabled(after.Name);
                    break;
                case ClientEffect.Changed(ClientProperty.Enabled) when !isExpired:
                    decisions.Disabled(after.Name);
                    break;
                case ClientEffect.Changed(ClientProperty.Maintenance) when after.Maintenance is { } end:
                    decisions.Maintained(after.Name, Text(end.Wall));
                    break;
                case ClientEffect.Changed(ClientProperty.Maintenance) when after.Enabled:
                    decisions.MaintenanceOver(after.Name, Text(after.Expires?.Wall));
                    break;
                case ClientEffect.ApprovalNeeded(_, var delay, var approved):
                    decisions.ApprovalNeeded(after.Name, approved ? "gets it" : "is refused", delay);
                    break;
                case ClientEffect.Release(var request, _):
                    decisions.Released(after.Name, Text(after.Expires?.Wall), Text(after.LastCheckedOk), ReasonOf(after, request));
                    break;
                case ClientEffect.Changed(var property) when IsSetting(property):
                    settings.Add(property.ToString());
                    break;
                case ClientEffect.CheckerCompleted { Problem: { } problem }:
                    TellNotChecked(before, problem);
                    break;
            }
        }

        if (settings.Count > 0)
            decisions.Changed(after.Name, string.Join(", ", settings));
    }

    /// <inheritdoc />
    public void ObserveUnknown(KeyId key, string address)
    {
        // The code that serves the connection logs this.
    }

    private void TellDecision(ClientState client, OperatorDecision decision)
    {
        if (decision.Approved)
            decisions.Approved(client.Name, client.Settings.ApprovalDuration.Value);
        else
            decisions.Denied(client.Name, client.Settings.ApprovalDuration.Value);
    }

    /// <summary>Logs that a check could not be started. The code that runs a check logs how it ended.</summary>
    private void TellNotChecked(ClientState before, string problem) =>
        checks.NotChecked(
            before.LastCheckerStatus == ClientState.CheckKilled ? LogLevel.Information : LogLevel.Warning, before.Name, problem);

    private static string ReasonOf(ClientState client, long request)
    {
        if (client.Requests.FirstOrDefault(r => r.Id == request) is not { NeededApproval: true })
            return "it needs no approval";
        return client.Decision is { Approved: true } ? "an operator approved it" : "no operator decided, and it is approved by default";
    }

    private static string Text(DateTime? time) => time?.ToString("u", CultureInfo.InvariantCulture) ?? "never";

    private static bool IsSetting(ClientProperty property) =>
        property == ClientProperty.Secret || ClientSetting.All.Any(s => s.Property == property);
}
