using Mandos.Core.Linux;

namespace Mandos.Client.Network;

/// <summary>
/// Which interfaces are used, and which of them are brought up. Without <c>--interface</c>: every good one, as far as
/// there are any now or later. With it: those and no others, also when they do not exist yet. The word <c>none</c> in the
/// list ends the interfaces that are brought up; a list of nothing but <c>none</c> uses every good one as it is.
/// </summary>
internal sealed class InterfaceSelection
{
    private const string None = "none";
    private readonly HashSet<string> _broughtUp;
    private readonly HashSet<string> _used;
    private readonly string[] _order;
    private readonly List<string> _given;
    private readonly bool _connecting;

    private InterfaceSelection(List<string> given, bool connecting)
    {
        _given = given;
        _connecting = connecting;
        _broughtUp = [.. given.TakeWhile(name => name != None)];
        _order = [.. given.Where(name => name != None)];
        _used = [.. _order];
    }

    /// <summary>The names given, in their order, without <c>none</c>.</summary>
    public IReadOnlyList<string> Names => _order;

    /// <summary>True if nothing was said, not even <c>none</c>.</summary>
    public bool IsAutomatic => _given.Count == 0;

    /// <param name="lists">The values of <c>--interface</c>; empty parts add nothing.</param>
    /// <param name="connecting">True with <c>--connect</c>: then a point-to-point interface is good too.</param>
    public static InterfaceSelection Parse(IEnumerable<string> lists, bool connecting) =>
        new([.. lists.SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries))], connecting);

    /// <summary>May the network be used through it?</summary>
    public bool Includes(LinkState link) => _used.Count == 0 ? IsGood(link) : _used.Contains(link.Name);

    /// <summary>Is it ours to bring up?</summary>
    public bool BringsUp(LinkState link) => IsAutomatic ? IsGood(link) : _broughtUp.Contains(link.Name);

    /// <summary>The included ones: in the order given, or by name.</summary>
    public IEnumerable<LinkState> Choose(IEnumerable<LinkState> links)
    {
        var included = links.Where(Includes);
        return Names.Count == 0
            ? included.OrderBy(link => link.Name, StringComparer.Ordinal)
            : included.OrderBy(link => Array.IndexOf(_order, link.Name));
    }

    /// <summary>The names given that do not exist.</summary>
    public IEnumerable<string> Missing(IEnumerable<LinkState> links) => Names.Except(links.Select(link => link.Name));

    /// <summary>The variable DEVICE of network hooks: the list as given (<c>none</c> too) without what does not exist.</summary>
    public string DeviceVariable(IEnumerable<LinkState> links)
    {
        var existing = links.Select(link => link.Name).ToHashSet();
        return string.Join(',', _given.Where(name => name == None || existing.Contains(name)));
    }

    private bool IsGood(LinkState link)
    {
        if (link.Flags.HasFlag(LinkFlags.Loopback))
            return false;
        if (_connecting && link.Flags.HasFlag(LinkFlags.PointToPoint))
            return true;
        return link.Flags.HasFlag(LinkFlags.Broadcast) && !link.Flags.HasFlag(LinkFlags.NoArp);
    }
}
