using Mandos.Configuration;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Configuration;

/// <summary>Logs problems of configuration files.</summary>
internal static class ProblemLog
{
    /// <summary>
    /// The maximum number of each kind. With one problem per client of a large fleet, the log would lose other lines, and the start would
    /// be delayed.
    /// </summary>
    internal const int Most = 500;

    /// <summary>Logs errors and warnings in order, and how many were left out.</summary>
    internal static void Report(this ILogger logger, IReadOnlyList<ConfigurationProblem> problems)
    {
        var (errors, warnings) = (0, 0);
        foreach (var problem in problems)
        {
            if (problem.IsWarning && ++warnings <= Most)
                logger.ConfigurationWarning(problem.ToString());
            else if (!problem.IsWarning && ++errors <= Most)
                logger.ConfigurationError(problem.ToString());
        }

        if (Math.Max(0, warnings - Most) + Math.Max(0, errors - Most) is > 0 and var more)
            logger.MoreProblems(more);
    }
}
