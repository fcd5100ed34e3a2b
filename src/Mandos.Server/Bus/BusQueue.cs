using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Mandos.Core.Keys;
using Mandos.Server.Bus.Requests;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus;

/// <summary>
/// Everything that concerns the bus, in one order: steps of clients, calls and answers. An answer therefore follows the signals of the
/// change that it confirms. Adding never blocks; when too many steps wait, further ones are dropped and counted.
/// </summary>
internal sealed class BusQueue(int capacity)
{
    private readonly Channel<BusItem> _items = Channel.CreateUnbounded<BusItem>(new() { SingleReader = true });
    private readonly Lock _gate = new();
    private int _waiting;
    private int _more;
    private long _lost;

    /// <summary>Adds a step, unless too many wait.</summary>
    internal void AddHappening(BusItem item)
    {
        lock (_gate)
        {
            // After a gap nothing is added until the queue is empty; then the gap is closed by examining all clients.
            if (_lost > 0 || _waiting >= capacity + _more)
            {
                _lost++;
                return;
            }

            _waiting++;
            _items.Writer.TryWrite(item);
        }
    }

    /// <summary>
    /// Adds the clients that exist at the start. Two more steps of each may wait from then on, because all clients start at the same time.
    /// </summary>
    internal void AddAll(ImmutableArray<ClientState> clients)
    {
        lock (_gate)
            _more = 2 * clients.Length;
        Add(new BusItem.All(clients));
    }

    /// <summary>Adds an item that is not dropped; the caller limits the number.</summary>
    internal void Add(BusItem item) => _items.Writer.TryWrite(item);

    /// <summary>Waits until the queue is not empty.</summary>
    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _items.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes the first item; false if the queue is empty.</summary>
    internal bool TryTake([NotNullWhen(true)] out BusItem? item)
    {
        if (!_items.Reader.TryRead(out item))
            return false;
        if (item is BusItem.Step or BusItem.Unknown or BusItem.Warned)
        {
            lock (_gate)
                _waiting--;
        }

        return true;
    }

    /// <summary>
    /// Returns how many items were dropped since the last call, once all others have been taken; from then on items are added again.
    /// </summary>
    internal long TakeLost()
    {
        lock (_gate)
        {
            if (_waiting > 0)
                return 0;
            var lost = _lost;
            _lost = 0;
            return lost;
        }
    }
}

/// <summary>An item in the queue.</summary>
internal abstract record BusItem
{
    private BusItem()
    {
    }

    /// <summary>A step of a client.</summary>
    internal sealed record Step(ClientTransition Transition) : BusItem;

    /// <summary>The clients that exist at the start; one item for any number of clients.</summary>
    internal sealed record All(ImmutableArray<ClientState> Clients) : BusItem;

    /// <summary>A peer presented an unknown key.</summary>
    internal sealed record Unknown(KeyId Key, string Address) : BusItem;

    /// <summary>A client will be disabled.</summary>
    internal sealed record Warned(ExpiryWarning Warning) : BusItem;

    /// <summary>A request; <paramref name="Done"/> is called when it has been answered.</summary>
    internal sealed record Asked(BusRequest Request, Action Done) : BusItem;

    /// <summary>An action that must run in the order of the queue.</summary>
    internal sealed record Act(Func<Task> Action) : BusItem;
}
