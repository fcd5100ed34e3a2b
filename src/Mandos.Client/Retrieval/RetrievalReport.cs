using Mandos.Client.Hosting;

namespace Mandos.Client.Retrieval;

/// <summary>
/// What is printed while there is no password: each failure once for each server and reason, and once, when it takes
/// longer than usual, what is being done. Without this a program that waits looks like one that hangs.
/// </summary>
/// <param name="messages">Where it is printed.</param>
/// <param name="isNamed">True for servers that the user named.</param>
internal sealed class RetrievalReport(Messages messages, Func<Candidate, bool> isNamed)
{
    // A flood of bad servers shall not bury what else the console says.
    private const int MostWarnings = 20;

    private readonly HashSet<(Candidate Server, string Detail)> _told = [];
    private readonly Dictionary<Candidate, string> _unreachable = [];
    private bool _overdue;
    private int _warnings;

    /// <summary>An attempt failed.</summary>
    internal void Failed(Candidate server, AttemptOutcome outcome)
    {
        messages.Debug?.Invoke($"{server}: {outcome.Detail}");
        _unreachable.Remove(server);
        if (outcome.Failure != AttemptFailure.Unreachable || _overdue)
            Warn(server, outcome.Detail);
        else if (_unreachable.Count < MostWarnings)
            _unreachable[server] = outcome.Detail;
    }

    /// <summary>It takes longer than usual.</summary>
    /// <param name="links">The interfaces that can be used.</param>
    /// <param name="only">The servers that are tried; null if others are looked for.</param>
    /// <param name="found">How many were found.</param>
    internal void Overdue(IReadOnlyCollection<string> links, string? only, int found)
    {
        _overdue = true;
        foreach (var (server, detail) in _unreachable)
            Warn(server, detail);
        _unreachable.Clear();
        var where = string.Join(", ", links);
        if (only is not null)
            messages.Notice(
                $"no password from server {only} yet ({(links.Count == 0 ? "no usable interface" : $"usable interfaces: {where}")}); "
                    + "still trying");
        else if (found == 0)
            messages.Notice($"no Mandos server has responded on {where} yet; still searching (multicast DNS, UDP port 5353)");
        else
            messages.Notice($"{found} Mandos server{(found == 1 ? "" : "s")} found on {where}, no password yet; still trying");
    }

    private void Warn(Candidate server, string detail)
    {
        if (messages.Debug is not null || _told.Contains((server, detail)))
            return;
        // Who floods the network with servers cannot hide what becomes of those that the user named.
        if (!isNamed(server) && ++_warnings > MostWarnings)
        {
            if (_warnings == MostWarnings + 1)
                messages.Notice("more servers fail; see --debug");
            return;
        }

        _told.Add((server, detail));
        messages.Warning($"server {server}: {detail}");
    }
}
