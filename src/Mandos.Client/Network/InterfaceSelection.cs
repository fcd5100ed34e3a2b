using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Which interfaces are used, and which of them are brought up. Without names: every suitable one, including later ones. With names: only
/// those, even if they do not exist yet. Names after the word <c>none</c> are not brought up; a list that is only <c>none</c> uses every
/// suitable interface as it is.
/// <para>
/// Preferred names (<c>--prefer-interface</c>) restrict the choice until <see cref="Widen"/>; after that they no longer do, but interfaces
/// with these names are still used.
/// </para>
/// Alternative names of an interface are accepted too.
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

    /// <summary>The given names in order, without <c>none</c>.</summary>
    public IReadOnlyList<string> Names => _order;

    /// <summary>Whether no names were given, not even <c>none</c>.</summary>
    public bool IsAutomatic => _given.Count == 0;

    /// <summary>Whether the preferred names no longer restrict the choice.</summary>
    public bool IsWidened { get; private set; }

    /// <param name="lists">The values of <c>--interface</c>; empty parts are ignored.</param>
    /// <param name="connecting">True with <c>--connect</c>, where a point-to-point interface is suitable too.</param>
    /// <param name="preferredLists">The values of <c>--prefer-interface</c>.</param>
    public static InterfaceSelection Parse(IEnumerable<string> lists, bool connecting, IEnumerable<string>? preferredLists = null) =>
        new(Split(lists), [.. Split(preferredLists ?? []).Where(name => name != None)], connecting);

    /// <summary>Whether this interface may be used.</summary>
    public bool Includes(LinkState link) =>
        _used.Count == 0 ? IsGood(link) || IsPreferred(link) : IsIn(link, _used) || (IsWidened && IsPreferred(link));

    /// <summary>Whether we should bring this interface up.</summary>
    public bool BringsUp(LinkState link) => (IsAutomatic && IsGood(link)) || IsIn(link, _broughtUp) || IsPreferred(link);

    /// <summary>Returns the included interfaces, in the given order or by name.</summary>
    public IEnumerable<LinkState> Choose(IEnumerable<LinkState> links)
    {
        var included = links.Where(Includes);
        return Names.Count == 0
            ? included.OrderBy(link => link.Name, StringComparer.Ordinal)
            : included.OrderBy(link => Array.FindIndex(_order, name => link.Names.Contains(name)));
    }

    /// <summary>Returns the given names that do not exist.</summary>
    public IEnumerable<string> Missing(IEnumerable<LinkState> links) => Names.Except(links.SelectMany(link => link.Names));

    /// <summary>Whether there are preferred names, but no interface has one of them.</summary>
    public bool PrefersWhatIsMissing(IEnumerable<LinkState> links) => _preferred.Count > 0 && !IsWidened && !links.Any(IsPreferred);

    /// <summary>Drops the preferred names.</summary>
    public void Widen()
    {
        IsWidened = true;
        Take(_strict);
    }

    /// <summary>
    /// The value of DEVICE for network hooks: the given list (including <c>none</c>) without interfaces that do not exist.
    /// </summary>
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
