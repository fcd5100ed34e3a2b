using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Mandos.Core.Keys;
using Mandos.Server.Bus.Requests;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus;

/// <summary>
/// Everything that concerns the bus, in one order: what happened to clients, what callers want, answers to them. So an
/// answer comes behind the signals of the change that it confirms. Adding never blocks; what happened is dropped, and counted,
/// when too much of it waits.
/// </summary>
internal sealed class BusQueue(int capacity)
{
    private readonly Channel<BusItem> _items = Channel.CreateUnbounded<BusItem>(new() { SingleReader = true });
    private readonly Lock _gate = new();
    private int _waiting;
    private int _more;
    private long _lost;

    /// <summary>Adds something that happened, unless too much waits.</summary>
    internal void AddHappening(BusItem item)
    {
        lock (_gate)
        {
            // Behind a gap nothing is kept: the gap is closed by looking at everything, once the queue is empty.
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
    /// Adds the clients that exist at the start. Two changes of each may wait from then on: all their lives begin at once.
    /// </summary>
    internal void AddAll(ImmutableArray<ClientState> clients)
    {
        lock (_gate)
            _more = 2 * clients.Length;
        Add(new BusItem.All(clients));
    }

    /// <summary>Adds an item that is not dropped; the caller limits the number.</summary>
    internal void Add(BusItem item) => _items.Writer.TryWrite(item);

    /// <summary>Waits until there is something.</summary>
    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _items.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes what came first; false if there is nothing.</summary>
    internal bool TryTake([NotNullWhen(true)] out BusItem? item)
    {
        if (!_items.Reader.TryRead(out item))
            return false;
        if (item is BusItem.Step or BusItem.Unknown)
        {
            lock (_gate)
                _waiting--;
        }

        return true;
    }

    /// <summary>How much was dropped since the last time, if all that was kept has been taken; from now on it is kept again.</summary>
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

/// <summary>Something in the queue.</summary>
internal abstract record BusItem
{
    private BusItem()
    {
    }

    /// <summary>Something happened to a client.</summary>
    internal sealed record Step(ClientTransition Transition) : BusItem;

    /// <summary>The clients that exist at the start; one item, however many they are.</summary>
    internal sealed record All(ImmutableArray<ClientState> Clients) : BusItem;

    /// <summary>A key that no client has was shown.</summary>
    internal sealed record Unknown(KeyId Key, string Address) : BusItem;

    /// <summary>A request; <paramref name="Done"/> is called when it was answered.</summary>
    internal sealed record Asked(BusRequest Request, Action Done) : BusItem;

    /// <summary>Something is to be done in the order of the queue.</summary>
    internal sealed record Act(Func<Task> Action) : BusItem;
}
