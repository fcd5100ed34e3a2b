using System.Diagnostics.CodeAnalysis;
using Mandos.Bus.Messages;

namespace Mandos.Server.Bus;

/// <summary>
/// Who waits for answers, and who of them has left the bus meanwhile: an answer to one that has left would only take the
/// place of another. Used by the thread of the bus and by the loop.
/// </summary>
internal sealed class BusCallers
{
    private const string TheBus = "org.freedesktop.DBus";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Waiting> _waiting = [];

    /// <summary>The signal that says who leaves.</summary>
    internal static BusMatch Leaving { get; } = new() { Sender = TheBus, Interface = TheBus, Member = "NameOwnerChanged" };

    /// <summary>How many calls wait.</summary>
    internal int Count { get; private set; }

    /// <summary>How many bytes they take.</summary>
    internal long Bytes { get; private set; }

    /// <summary>One more call waits, unless there are too many.</summary>
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

    /// <summary>A call that waits takes so many more bytes, unless all of them together take too many.</summary>
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

    /// <summary>A call was answered, or dropped, with all the bytes that it took.</summary>
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

    /// <summary>Whether it is known that this caller reads no answer any more.</summary>
    internal bool HasLeft(string sender)
    {
        lock (_gate)
            return TryFind(sender, out var waiting) && waiting.HasLeft;
    }

    /// <summary>Takes the signal <see cref="Leaving"/>: a name, its old owner, its new one.</summary>
    internal void Observe(ReceivedSignal signal, BusReader arguments)
    {
        var (name, _, owner) = (arguments.ReadString(), arguments.ReadString(), arguments.ReadString());
        if (owner.Length > 0)
            return;
        lock (_gate)
        {
            // A unique name is never given twice.
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
