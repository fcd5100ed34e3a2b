using System.Collections.Concurrent;
using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Checkers;

/// <summary>The clients whose last check failed, each with how.</summary>
/// <param name="keepsOutput">Also all that was kept of what it printed: for few clients.</param>
internal sealed class FailingChecks(bool keepsOutput = false)
{
    private readonly ConcurrentDictionary<string, FailedCheck> _failing = new(StringComparer.Ordinal);

    /// <summary>Whether <see cref="FailedCheck.Printed"/> is wanted.</summary>
    internal bool KeepsOutput => keepsOutput;

    /// <summary>How the last check of a client failed; null if it did not, or none has ended.</summary>
    internal FailedCheck? Find(string client) => _failing.GetValueOrDefault(client);

    /// <summary>Notes a failure; false if the one before was the same.</summary>
    internal bool Add(string client, FailedCheck check)
    {
        var isNew = Find(client)?.Exit != check.Exit;
        _failing[client] = check;
        return isNew;
    }

    /// <summary>A check succeeded, or the client is gone; false if none had failed.</summary>
    internal bool Remove(string client) => _failing.TryRemove(client, out _);
}

/// <summary>A check that failed.</summary>
/// <param name="Exit">How it ended; null if it could not be started.</param>
/// <param name="Reason">The last line that it printed, else what its exit status means; empty if that is not known.</param>
internal sealed record FailedCheck(ChildExit? Exit, string Reason)
{
    /// <summary>What it printed, line by line; empty if that was not kept.</summary>
    internal IReadOnlyList<string> Printed { get; init; } = [];

    /// <summary><c>exit status 1: host not found</c>.</summary>
    public override string ToString()
    {
        var exit = Exit?.ToString() ?? "it cannot be started";
        return Reason.Length == 0 ? exit : $"{exit}: {Reason}";
    }
}
