using Mandos.Core.Linux.Processes;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>
/// Logs how checks end. In a series of equal failures only the first is a warning, because a machine may be off for weeks.
/// </summary>
internal sealed class CheckerReports(FailingChecks failing, ILogger log)
{
    internal ILogger Log => log;

    /// <summary>Logs that a check could not be started.</summary>
    internal void NotStarted(string client, string reason)
    {
        failing.Add(client, new FailedCheck(null, reason));
        log.CheckerNotStarted(client, reason);
    }

    /// <summary>Logs that a check ended by itself.</summary>
    internal void Ended(string client, string command, ChildExit exit, CheckerOutput output)
    {
        if (!exit.Success)
        {
            var line = output.LastLine;
            var check = new FailedCheck(exit, line.Length > 0 ? line : FpingStatus.Meaning(command, exit))
            {
                Printed = failing.KeepsOutput ? output.Lines : [],
            };
            log.CheckFailed(failing.Add(client, check) ? LogLevel.Warning : LogLevel.Information, client, check);
            if (output.Length > 0)
                log.CheckPrinted(client, output);
        }
        else if (failing.Remove(client))
        {
            log.CheckSucceededAgain(client, output);
        }
        else
        {
            log.CheckSucceeded(client, output);
        }
    }
}
