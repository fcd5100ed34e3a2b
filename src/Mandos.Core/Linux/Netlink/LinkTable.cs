namespace Mandos.Core.Linux.Netlink;

/// <summary>The interfaces and addresses of this network namespace, built from rtnetlink messages one after the other.</summary>
internal sealed class LinkTable
{
    internal const ushort RTM_NEWLINK = 16, RTM_DELLINK = 17, RTM_NEWADDR = 20, RTM_DELADDR = 21;

    private readonly SortedDictionary<int, LinkState> _links = [];

    internal IReadOnlyCollection<LinkState> Links => _links.Values;

    /// <summary>Applies a message; returns the index of its interface, or 0 if it changed nothing.</summary>
    internal int Apply(ushort type, ReadOnlySpan<byte> payload) => type switch
    {
        RTM_NEWLINK when LinkMessage.TryParse(payload, out var link) => Put(link),
        RTM_DELLINK when LinkMessage.TryParse(payload, out var link) => _links.Remove(link.Index) ? link.Index : 0,
        RTM_NEWADDR when AddressMessage.TryParse(payload, out var address) => Put(address),
        RTM_DELADDR when AddressMessage.TryParse(payload, out var address) => Remove(address),
        _ => 0,
    };

    internal LinkChange ChangeOf(int index) => new(index, _links.GetValueOrDefault(index));

    /// <summary>Returns the changes from <paramref name="older"/> to this table.</summary>
    internal IReadOnlyList<LinkChange> ChangesSince(LinkTable older)
    {
        var changes = new List<LinkChange>();
        foreach (var link in older.Links.Where(link => !_links.ContainsKey(link.Index)))
            changes.Add(new LinkChange(link.Index, null));
        foreach (var link in Links.Where(link => !link.Equals(older._links.GetValueOrDefault(link.Index))))
            changes.Add(new LinkChange(link.Index, link));
        return changes;
    }

    private int Put(LinkMessage link)
    {
        var known = _links.GetValueOrDefault(link.Index);
        return Store(known, new LinkState(link.Index, link.Name, link.Flags, known?.Addresses ?? [])
        {
            AlternativeNames = link.AlternativeNames,
            Lower = link.Lower,
            Master = link.Master,
        });
    }

    private int Put(AddressMessage message)
    {
        // An address of an unknown interface belongs to one that is being removed.
        if (!_links.TryGetValue(message.Index, out var link))
            return 0;
        var known = Find(link, message.Address);
        var addresses = known < 0 ? link.Addresses.Add(message.Address) : link.Addresses.SetItem(known, message.Address);
        return Store(link, link with { Addresses = addresses });
    }

    private int Remove(AddressMessage message)
    {
        if (!_links.TryGetValue(message.Index, out var link) || Find(link, message.Address) is var known && known < 0)
            return 0;
        return Store(link, link with { Addresses = link.Addresses.RemoveAt(known) });
    }

    private int Store(LinkState? before, LinkState after)
    {
        _links[after.Index] = after;
        return after.Equals(before) ? 0 : after.Index;
    }

    private static int Find(LinkState link, LinkAddress address)
    {
        for (var i = 0; i < link.Addresses.Length; i++)
        {
            if (link.Addresses[i].Address.Equals(address.Address) && link.Addresses[i].PrefixLength == address.PrefixLength)
                return i;
        }
        return -1;
    }
}
