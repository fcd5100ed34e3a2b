using Mandos.Client.Hosting;
using Mandos.Core.Text;

namespace Mandos.Client.Retrieval;

/// <summary>
/// Prints the progress while there is no password: each failure once per server and reason, and, once it takes longer than usual, what is
/// being done. Without this a waiting program would appear to hang.
/// </summary>
/// <param name="messages">Prints the messages.</param>
/// <param name="isNamed">Whether the user named a server.</param>
/// <param name="isRehearsal">Whether to print each step, not only what goes wrong.</param>
internal sealed class RetrievalReport(Messages messages, Func<Candidate, bool> isNamed, bool isRehearsal)
{
    // A flood of bad servers must not hide other messages on the console.
    private const int MostWarnings = 20;

    private readonly HashSet<(Candidate Server, string Detail)> _told = [];
    private readonly Dictionary<Candidate, string> _unreachable = [];
    private bool _overdue;
    private int _warnings;
    private int _found;

    /// <summary>Reports an interface that is used.</summary>
    internal void Using(string link)
    {
        if (isRehearsal)
            messages.Notice($"using interface {link}");
    }

    /// <summary>Reports a server that announced itself.</summary>
    internal void Found(string name, Candidate server)
    {
        if (isRehearsal && ++_found <= MostWarnings)
            messages.Notice($"found server \"{PrintableText.Of(name)}\" at {server}");
    }

    /// <summary>Reports a server that delivered the password.</summary>
    internal void Received(Candidate server)
    {
        if (isRehearsal)
            messages.Notice($"server {server} delivered the password");
    }

    /// <summary>Reports a failed attempt.</summary>
    internal void Failed(Candidate server, AttemptOutcome outcome)
    {
        messages.Debug?.Invoke($"{server}: {outcome.Detail}");
        _unreachable.Remove(server);
        if (outcome.Failure != AttemptFailure.Unreachable || _overdue)
            Warn(server, outcome.Detail);
        else if (_unreachable.Count < MostWarnings)
            _unreachable[server] = outcome.Detail;
    }

    /// <summary>Reports that the retrieval takes longer than usual.</summary>
    /// <param name="links">The usable interfaces.</param>
    /// <param name="only">The servers that are tried; null if others are discovered too.</param>
    /// <param name="found">The number of discovered servers.</param>
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

    /// <summary>Reports a server that has accepted the connection and not answered for a while.</summary>
    internal void Waiting(Candidate server)
    {
        if (IsNew(server, ""))
            messages.Notice($"server {server} has not answered yet; an operator may have to approve the request");
    }

    private void Warn(Candidate server, string detail)
    {
        if (messages.Debug is null && IsNew(server, detail))
            messages.Warning($"server {server}: {detail}");
    }

    /// <summary>Whether there is something new to print about a server.</summary>
    private bool IsNew(Candidate server, string detail)
    {
        if (_told.Contains((server, detail)))
            return false;
        // An attacker who floods the network with servers cannot hide the failures of those that the user named.
        if (!isNamed(server) && ++_warnings > MostWarnings)
        {
            if (_warnings == MostWarnings + 1)
                messages.Notice("more servers fail; see --debug");
            return false;
        }

        return _told.Add((server, detail));
    }
}
