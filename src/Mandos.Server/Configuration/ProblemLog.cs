using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Configuration;

/// <summary>What is wrong with configuration files, in the log.</summary>
internal static class ProblemLog
{
    /// <summary>Of each kind. With as many as a fleet has clients, the log would lose other lines, and the start would wait.</summary>
    internal const int Most = 500;

    /// <summary>Logs errors and warnings in their order, and how many are left out.</summary>
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
