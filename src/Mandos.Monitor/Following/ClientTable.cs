using Mandos.BusClient;

namespace Mandos.Monitor.Following;

/// <summary>The clients, those of them that are shown, and the one that is selected.</summary>
internal sealed class ClientTable
{
    /// <summary>How often a change of a time moves a client, at most: thousands of checks must not cost a sort each.</summary>
    private static readonly TimeSpan SortPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, ClientState> _clients = new(StringComparer.Ordinal);
    private readonly int[] _counts = new int[Enum.GetValues<ClientStatus>().Length];
    private List<string> _shown = [];
    private bool _mustSort;
    private bool _maySort;
    private DateTimeOffset _sorted;

    internal ClientOrder Order { get; private set; }

    /// <summary>Only clients whose name, host or status contains this.</summary>
    internal string Filter { get; private set; } = "";

    /// <summary>The position of the selected client among those that are shown.</summary>
    internal int Selected { get; private set; }

    /// <summary>The selected client; null if none is shown.</summary>
    internal ClientState? SelectedClient => Selected < _shown.Count ? _clients.GetValueOrDefault(_shown[Selected]) : null;

    internal int Count => _clients.Count;

    internal int ShownCount => _shown.Count;

    internal ClientState Shown(int index) => _clients[_shown[index]];

    internal ClientState? Find(string path) => _clients.GetValueOrDefault(path);

    /// <summary>The number of clients with a status.</summary>
    internal int CountOf(ClientStatus status) => _counts[(int)status];

    internal void Replace(IEnumerable<ClientState> clients)
    {
        _clients.Clear();
        Array.Clear(_counts);
        foreach (var client in clients)
            Put(client);
        _mustSort = true;
    }

    internal void Put(ClientState client)
    {
        var before = _clients.GetValueOrDefault(client.Path);
        _clients[client.Path] = client;
        if (before is not null)
            _counts[(int)before.Status()]--;
        _counts[(int)client.Status()]++;
        if (before is null || before.Name != client.Name || before.Decides() != client.Decides()
            || (before.Status() == ClientStatus.Pending) != (client.Status() == ClientStatus.Pending)
            || ((Order == ClientOrder.Status || Filter.Length > 0) && before.Status() != client.Status())
            || (Filter.Length > 0 && (before.Text("Host") != client.Text("Host") || before.Maintenance() != client.Maintenance())))
            _mustSort = true;
        else
            _maySort |= Order is ClientOrder.Expires or ClientOrder.LastCheck;
    }

    internal void Remove(string path)
    {
        if (!_clients.Remove(path, out var client))
            return;
        _counts[(int)client.Status()]--;
        _mustSort = true;
    }

    internal void Show(string filter)
    {
        Filter = filter;
        _mustSort = true;
    }

    internal void SortBy(ClientOrder order)
    {
        Order = order;
        _mustSort = true;
    }

    /// <summary>Moves the selection, as far as there are clients.</summary>
    internal void Select(int index) => Selected = Math.Clamp(index, 0, Math.Max(0, _shown.Count - 1));

    /// <summary>Sorts the clients that are shown, if they have changed. The selected client stays selected.</summary>
    internal void Settle(DateTimeOffset now)
    {
        if (!_mustSort && !(_maySort && now - _sorted >= SortPause))
            return;
        var selected = Selected < _shown.Count ? _shown[Selected] : null;
        _shown =
        [
            .. _clients.Values.Where(IsShown).Select(client => (Key: KeyOf(client), client.Name, client.Path)).OrderBy(client => client.Key)
                .ThenBy(client => client.Name, StringComparer.Ordinal).Select(client => client.Path),
        ];
        (_mustSort, _maySort, _sorted) = (false, false, now);
        Select(selected is not null && _shown.IndexOf(selected) is >= 0 and var index ? index : Selected);
    }

    private bool IsShown(ClientState client) =>
        Filter.Length == 0 || client.Name.Contains(Filter, StringComparison.OrdinalIgnoreCase)
        || client.Text("Host").Contains(Filter, StringComparison.OrdinalIgnoreCase)
        || client.Status().Word().Contains(Filter, StringComparison.OrdinalIgnoreCase)
        || (client.Maintenance() is not null && "maintenance".Contains(Filter, StringComparison.OrdinalIgnoreCase));

    private long KeyOf(ClientState client)
    {
        // Less than any time that is a key below.
        if (client.Status() == ClientStatus.Pending)
            return long.MinValue + ((client.Decides() ?? DateTimeOffset.MaxValue).UtcTicks / 2);
        return Order switch
        {
            ClientOrder.Expires => (client.Time("Expires") ?? DateTimeOffset.MaxValue).UtcTicks,
            ClientOrder.LastCheck => client.Time("LastCheckedOK")?.UtcTicks ?? 0,
            ClientOrder.Status => client.Status() switch { ClientStatus.Failing => 1, ClientStatus.Enabled => 2, _ => 3 },
            _ => 0,
        };
    }
}

/// <summary>What the list is sorted by; clients that wait for a decision always come first.</summary>
internal enum ClientOrder
{
    Name,
    Expires,
    LastCheck,
    Status,
}
