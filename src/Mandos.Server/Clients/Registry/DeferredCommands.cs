using System.Diagnostics.CodeAnalysis;

namespace Mandos.Server.Clients.Registry;

/// <summary>Commands that are deferred until a save has ended, and their clients. Used only by the registry's loop.</summary>
/// <param name="due">A client that waits is not woken by time.</param>
internal sealed class DeferredCommands(DueTimes due)
{
    private readonly HashSet<ClientEntry> _held = [];

    /// <summary>Deferred commands that are processed before new ones.</summary>
    private readonly Queue<RegistryCommand> _again = [];

    private List<RegistryCommand> _deferred = [];

    /// <summary>Whether deferred commands are ready to be processed before new ones.</summary>
    internal bool HasAgain => _again.Count > 0;

    /// <summary>All remaining commands, for the shutdown.</summary>
    internal IEnumerable<RegistryCommand> Rest => _deferred.Concat(_again);

    /// <summary>Takes the next deferred command that is ready.</summary>
    internal bool TryTake([NotNullWhen(true)] out RegistryCommand? command) => _again.TryDequeue(out command);

    /// <summary>Makes the events of a client wait.</summary>
    /// <param name="entry">The client.</param>
    /// <param name="isWanted">A caller waits for the change; no request may overtake it.</param>
    internal void Hold(ClientEntry entry, bool isWanted)
    {
        entry.IsWanted |= isWanted;
        if (entry.IsHeld)
            return;
        entry.IsHeld = true;
        _held.Add(entry);
        due.Set(entry, null);
    }

    /// <summary>Defers a command that concerns no client.</summary>
    internal void Defer(RegistryCommand command) => _deferred.Add(command);

    /// <summary>Defers a command for a client.</summary>
    internal void Defer(ClientEntry entry, RegistryCommand command, bool isWanted)
    {
        Hold(entry, isWanted);
        // A request that was withdrawn is dropped: there may be many while the disk does not respond.
        if (command is RegistryCommand.Happened(_, ClientEvent.RequestEnded(var ended, false, _))
            && _deferred.FindLastIndex(
                w => w is RegistryCommand.Happened(_, ClientEvent.SecretRequested(var asked)) && asked == ended) is >= 0 and var index)
            _deferred.RemoveAt(index);
        else
            _deferred.Add(command);
    }

    /// <summary>Ends the wait of clients and makes all deferred commands ready.</summary>
    /// <param name="stillHeld">Clients that continue to wait; null if there are none.</param>
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
        // The commands that are still in the ready queue arrived later.
        _deferred.AddRange(_again);
        _again.Clear();
        foreach (var command in _deferred)
            _again.Enqueue(command);
        _deferred = [];
    }
}
