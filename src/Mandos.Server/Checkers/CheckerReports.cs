using System.Collections.Concurrent;
using Mandos.Core.Linux;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>
/// Tells the log how checks end. The first of a row of equal failures is a warning; the others are not, since a machine
/// may be off for weeks.
/// </summary>
internal sealed class CheckerReports(ILogger log)
{
    private readonly ConcurrentDictionary<string, ChildExit> _failing = [];

    internal ILogger Log => log;

    /// <summary>A check ended by itself.</summary>
    internal void Ended(string client, ChildExit exit, CheckerOutput output)
    {
        if (!exit.Success)
        {
            var isNew = !_failing.TryGetValue(client, out var last) || last != exit;
            _failing[client] = exit;
            log.CheckFailed(isNew ? LogLevel.Warning : LogLevel.Information, client, exit, output);
        }
        else if (_failing.TryRemove(client, out _))
        {
            log.CheckSucceededAgain(client, output);
        }
        else
        {
            log.CheckSucceeded(client, output);
        }
    }
}
