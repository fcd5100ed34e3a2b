using System.Diagnostics.CodeAnalysis;

namespace Mandos.Server.Clients.Registry;

/// <summary>Commands that wait until a save has ended, and the clients that they are for. Used by the registry's loop alone.</summary>
/// <param name="due">Time does not pass for a client that waits.</param>
internal sealed class DeferredCommands(DueTimes due)
{
    private readonly HashSet<ClientEntry> _held = [];

    /// <summary>What waited, and comes before the rest.</summary>
    private readonly Queue<RegistryCommand> _again = [];

    private List<RegistryCommand> _deferred = [];

    /// <summary>Commands that waited are to be taken before others.</summary>
    internal bool HasAgain => _again.Count > 0;

    /// <summary>All that are left, at the end.</summary>
    internal IEnumerable<RegistryCommand> Rest => _deferred.Concat(_again);

    /// <summary>The next command that waited and may be tried again.</summary>
    internal bool TryTake([NotNullWhen(true)] out RegistryCommand? command) => _again.TryDequeue(out command);

    /// <summary>What happens to a client waits.</summary>
    /// <param name="entry">The client.</param>
    /// <param name="isWanted">A caller waits for what changes it: no request overtakes that.</param>
    internal void Hold(ClientEntry entry, bool isWanted)
    {
        entry.IsWanted |= isWanted;
        if (entry.IsHeld)
            return;
        entry.IsHeld = true;
        _held.Add(entry);
        due.Set(entry, null);
    }

    /// <summary>A command about no client waits.</summary>
    internal void Defer(RegistryCommand command) => _deferred.Add(command);

    /// <summary>A command about a client waits.</summary>
    internal void Defer(ClientEntry entry, RegistryCommand command, bool isWanted)
    {
        Hold(entry, isWanted);
        // Who asked and went is not remembered: there may be many while the disk does not answer.
        if (command is RegistryCommand.Happened(_, ClientEvent.RequestEnded(var ended, false))
            && _deferred.FindLastIndex(
                w => w is RegistryCommand.Happened(_, ClientEvent.SecretRequested(var asked)) && asked == ended) is >= 0 and var index)
            _deferred.RemoveAt(index);
        else
            _deferred.Add(command);
    }

    /// <summary>Clients wait no longer, and all commands are tried again.</summary>
    /// <param name="stillHeld">Except these clients; null: none.</param>
    internal void LetGo(IReadOnlySet<ClientEntry>? stillHeld = null)
    {
        if (_held.Count == 0 && _deferred.Count == 0)
            return;
        foreach (var entry in _held.Where(entry => stillHeld?.Contains(entry) != true).ToArray())
        {
            entry.IsHeld = entry.IsWanted = false;
            due.Set(entry, entry.Working?.NextDue);
            _held.Remove(entry);
        }

        if (_deferred.Count == 0)
            return;
        // What is left of those that waited before came later.
        _deferred.AddRange(_again);
        _again.Clear();
        foreach (var command in _deferred)
            _again.Enqueue(command);
        _deferred = [];
    }
}
