using Mandos.Control.Hosting;

namespace Mandos.Control.Actions;

/// <summary>Which options of upstream's mandos-ctl can be combined.</summary>
internal static class ControlRules
{
    private static readonly string[][] Opposites =
    [
        ["--enable", "--disable"],
        ["--start-checker", "--stop-checker"],
        ["--approve-by-default", "--deny-by-default"],
        ["--approve", "--deny"],
    ];

    /// <summary>Checks a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">The names of the options of its actions.</param>
    /// <exception cref="UsageError">Its options cannot be combined.</exception>
    internal static void Check(ControlRequest request, IReadOnlyList<string> options)
    {
        foreach (var pair in Opposites)
        {
            if (pair.All(options.Contains))
                throw new UsageError($"options '{pair[0]}' and '{pair[1]}' cannot be combined");
        }

        var acts = request.Actions.Count > 0;
        if (acts && request.Names.Count == 0 && !request.All)
            throw new UsageError($"option '{options[0]}' needs the name of a client, or --all");
        if (acts && request.Verbose)
            throw new UsageError($"options '--verbose' and '{options[0]}' cannot be combined");
        if (request.Json && (acts || request.Verbose))
            throw new UsageError($"options '--dump-json' and '{(acts ? options[0] : "--verbose")}' cannot be combined");
        if (request.All && !acts)
            throw new UsageError("option '--all' needs an option that acts on the clients");
        if (request.Actions.Any(action => action is IsEnabledAction) && request.Names.Count > 1)
            throw new UsageError("option '--is-enabled' needs the name of exactly one client");
        if (options.Contains("--remove") && options.FirstOrDefault(option => option is not ("--remove" or "--deny")) is { } other)
            throw new UsageError($"options '--remove' and '{other}' cannot be combined");
    }

    /// <summary>What is removed must be denied before.</summary>
    internal static IReadOnlyList<ClientAction> Order(IReadOnlyList<ClientAction> actions) =>
        [.. actions.Where(action => action is not RemoveAction), .. actions.Where(action => action is RemoveAction)];
}
