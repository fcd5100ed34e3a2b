using System.Collections.Concurrent;
using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Checkers;

/// <summary>The clients whose last check failed, and how.</summary>
/// <param name="keepsOutput">Whether to keep the output as well, for a small number of clients.</param>
internal sealed class FailingChecks(bool keepsOutput = false)
{
    private readonly ConcurrentDictionary<string, FailedCheck> _failing = new(StringComparer.Ordinal);

    /// <summary>Whether <see cref="FailedCheck.Printed"/> is kept.</summary>
    internal bool KeepsOutput => keepsOutput;

    /// <summary>Returns how the last check of a client failed; null if it succeeded, or none has ended.</summary>
    internal FailedCheck? Find(string client) => _failing.GetValueOrDefault(client);

    /// <summary>Records a failure; false if the one before was the same.</summary>
    internal bool Add(string client, FailedCheck check)
    {
        var isNew = Find(client)?.Exit != check.Exit;
        _failing[client] = check;
        return isNew;
    }

    /// <summary>Removes a client whose check succeeded or which was removed; false if no check had failed.</summary>
    internal bool Remove(string client) => _failing.TryRemove(client, out _);
}

/// <summary>A failed check.</summary>
/// <param name="Exit">How the check ended; null if it could not be started.</param>
/// <param name="Reason">The last line of the output, or else the meaning of the exit status; empty if that is unknown.</param>
internal sealed record FailedCheck(ChildExit? Exit, string Reason)
{
    /// <summary>The lines of output; empty if they were not kept.</summary>
    internal IReadOnlyList<string> Printed { get; init; } = [];

    /// <summary>The failure, such as <c>exit status 1: host not found</c>.</summary>
    public override string ToString()
    {
        var exit = Exit?.ToString() ?? "it cannot be started";
        return Reason.Length == 0 ? exit : $"{exit}: {Reason}";
    }
}
