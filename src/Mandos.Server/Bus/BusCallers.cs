using System.Diagnostics.CodeAnalysis;
using Mandos.Bus.Messages;

namespace Mandos.Server.Bus;

/// <summary>
/// Callers that wait for answers, and which of them have left the bus: an answer to one that has left would only delay others. Used by the
/// thread of the bus and by the loop.
/// </summary>
internal sealed class BusCallers
{
    private const string TheBus = "org.freedesktop.DBus";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Waiting> _waiting = [];

    /// <summary>The signal that a caller has left the bus.</summary>
    internal static BusMatch Leaving { get; } = new() { Sender = TheBus, Interface = TheBus, Member = "NameOwnerChanged" };

    /// <summary>The number of waiting calls.</summary>
    internal int Count { get; private set; }

    /// <summary>The number of bytes that waiting calls use.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Counts a waiting call, unless there are too many.</summary>
    internal bool TryAdd(string sender, int most)
    {
        lock (_gate)
        {
            if (Count >= most)
                return false;
            Count++;
            if (!_waiting.TryGetValue(sender, out var waiting))
                _waiting.Add(sender, waiting = new());
            waiting.Calls++;
            return true;
        }
    }

    /// <summary>Counts more bytes for a waiting call, unless all calls together use too many.</summary>
    internal bool TryHold(long bytes, long most)
    {
        lock (_gate)
        {
            if (bytes > most - Bytes)
                return false;
            Bytes += bytes;
            return true;
        }
    }

    /// <summary>Removes a call that was answered or dropped, with all its bytes.</summary>
    internal void Remove(string sender, long bytes)
    {
        lock (_gate)
        {
            Count--;
            Bytes -= bytes;
            if (TryFind(sender, out var waiting) && --waiting.Calls == 0)
                _waiting.Remove(sender);
        }
    }

    /// <summary>Whether this caller is known to have left the bus.</summary>
    internal bool HasLeft(string sender)
    {
        lock (_gate)
            return TryFind(sender, out var waiting) && waiting.HasLeft;
    }

    /// <summary>Processes the signal <see cref="Leaving"/>: a name, its old owner, its new owner.</summary>
    internal void Observe(ReceivedSignal signal, BusReader arguments)
    {
        var (name, _, owner) = (arguments.ReadString(), arguments.ReadString(), arguments.ReadString());
        if (owner.Length > 0)
            return;
        lock (_gate)
        {
            // The bus never reuses a unique name.
            if (TryFind(name, out var waiting))
                waiting.HasLeft = true;
        }
    }

    private bool TryFind(string sender, [NotNullWhen(true)] out Waiting? waiting) => _waiting.TryGetValue(sender, out waiting);

    private sealed class Waiting
    {
        internal int Calls { get; set; }

        internal bool HasLeft { get; set; }
    }
}
