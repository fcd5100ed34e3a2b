using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Which interfaces are used, and which of them are brought up. Without a name: every good one, as far as there are any
/// now or later. With names: those and no others, also when they do not exist yet. The word <c>none</c> in the list ends
/// the interfaces that are brought up; a list of nothing but <c>none</c> uses every good one as it is.
/// <para>
/// Preferred names (<c>--prefer-interface</c>) stand before the others until <see cref="Widen"/>: from then on it is as if
/// they had not been given, but what has such a name is used all the same.
/// </para>
/// An interface may be named by any name that the kernel knows it by.
/// </summary>
internal sealed class InterfaceSelection
{
    private const string None = "none";
    private readonly List<string> _strict;
    private readonly List<string> _preferred;
    private readonly bool _connecting;
    private List<string> _given = [];
    private string[] _order = [];
    private HashSet<string> _broughtUp = [];
    private HashSet<string> _used = [];

    private InterfaceSelection(List<string> strict, List<string> preferred, bool connecting)
    {
        _strict = strict;
        _preferred = preferred;
        _connecting = connecting;
        Take([.. preferred, .. strict]);
    }

    /// <summary>The names given, in their order, without <c>none</c>.</summary>
    public IReadOnlyList<string> Names => _order;

    /// <summary>True if nothing was said, not even <c>none</c>.</summary>
    public bool IsAutomatic => _given.Count == 0;

    /// <summary>True once the preferred names do not restrict the choice any longer.</summary>
    public bool IsWidened { get; private set; }

    /// <param name="lists">The values of <c>--interface</c>; empty parts add nothing.</param>
    /// <param name="connecting">True with <c>--connect</c>: then a point-to-point interface is good too.</param>
    /// <param name="preferredLists">The values of <c>--prefer-interface</c>.</param>
    public static InterfaceSelection Parse(IEnumerable<string> lists, bool connecting, IEnumerable<string>? preferredLists = null) =>
        new(Split(lists), [.. Split(preferredLists ?? []).Where(name => name != None)], connecting);

    /// <summary>May the network be used through it?</summary>
    public bool Includes(LinkState link) =>
        _used.Count == 0 ? IsGood(link) || IsPreferred(link) : IsIn(link, _used) || (IsWidened && IsPreferred(link));

    /// <summary>Is it ours to bring up?</summary>
    public bool BringsUp(LinkState link) => (IsAutomatic && IsGood(link)) || IsIn(link, _broughtUp) || IsPreferred(link);

    /// <summary>The included ones: in the order given, or by name.</summary>
    public IEnumerable<LinkState> Choose(IEnumerable<LinkState> links)
    {
        var included = links.Where(Includes);
        return Names.Count == 0
            ? included.OrderBy(link => link.Name, StringComparer.Ordinal)
            : included.OrderBy(link => Array.FindIndex(_order, name => link.Names.Contains(name)));
    }

    /// <summary>The names given that do not exist.</summary>
    public IEnumerable<string> Missing(IEnumerable<LinkState> links) => Names.Except(links.SelectMany(link => link.Names));

    /// <summary>True while there are preferred names, and none of them exists.</summary>
    public bool PrefersWhatIsMissing(IEnumerable<LinkState> links) => _preferred.Count > 0 && !IsWidened && !links.Any(IsPreferred);

    /// <summary>Drops the preferred names.</summary>
    public void Widen()
    {
        IsWidened = true;
        Take(_strict);
    }

    /// <summary>The variable DEVICE of network hooks: the list as given (<c>none</c> too) without what does not exist.</summary>
    public string DeviceVariable(IEnumerable<LinkState> links)
    {
        var existing = links.SelectMany(link => link.Names).ToHashSet();
        return string.Join(',', _given.Where(name => name == None || existing.Contains(name)));
    }

    private void Take(List<string> given)
    {
        _given = given;
        _broughtUp = [.. given.TakeWhile(name => name != None)];
        _order = [.. given.Where(name => name != None)];
        _used = [.. _order];
    }

    private static List<string> Split(IEnumerable<string> lists) =>
        [.. lists.SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries))];

    private static bool IsIn(LinkState link, HashSet<string> names) => link.Names.Any(names.Contains);

    private bool IsPreferred(LinkState link) => link.Names.Any(_preferred.Contains);

    private bool IsGood(LinkState link)
    {
        if (link.Flags.HasFlag(LinkFlags.Loopback))
            return false;
        if (_connecting && link.Flags.HasFlag(LinkFlags.PointToPoint))
            return true;
        return link.Flags.HasFlag(LinkFlags.Broadcast) && !link.Flags.HasFlag(LinkFlags.NoArp);
    }
}
