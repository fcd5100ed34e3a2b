using System.Collections.Immutable;
using System.Net;

namespace Mandos.Core.Linux.Netlink;

/// <summary>The state of a network interface at one instant.</summary>
/// <param name="Index">Its index in the kernel, which does not change when it is renamed.</param>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="Flags">Its state and kind.</param>
/// <param name="Addresses">Its addresses, IPv4 and IPv6.</param>
public sealed record LinkState(int Index, string Name, LinkFlags Flags, ImmutableArray<LinkAddress> Addresses)
{
    /// <summary>Other names of the interface.</summary>
    public ImmutableArray<string> AlternativeNames { get; init; } = [];

    /// <summary>The underlying interface, for example the device of a VLAN; 0 if none.</summary>
    public int Lower { get; init; }

    /// <summary>The bond or bridge that it belongs to; 0 if none.</summary>
    public int Master { get; init; }

    /// <summary>Its name and its other names.</summary>
    public IEnumerable<string> Names => AlternativeNames.Prepend(Name);

    /// <summary>Whether it is enabled by an administrator (or by us).</summary>
    public bool IsUp => Flags.HasFlag(LinkFlags.Up);

    /// <summary>Whether it is up, with carrier.</summary>
    public bool IsRunning => IsUp && Flags.HasFlag(LinkFlags.Running);

    /// <summary>Whether it is up, with carrier and with an address from which packets can be sent now.</summary>
    public bool IsUsable => IsRunning && Addresses.Any(static address => address.IsUsable);

    /// <summary>Returns its addresses that satisfy the condition.</summary>
    public HashSet<IPAddress> AddressesWhere(Predicate<LinkAddress> condition)
    {
        HashSet<IPAddress> addresses = [];
        foreach (var address in Addresses)
        {
            if (condition(address))
                addresses.Add(address.Address);
        }

        return addresses;
    }

    /// <summary>Compares arrays by their elements; the default compares their identity.</summary>
    public bool Equals(LinkState? other) =>
        other is not null
            && Index == other.Index
            && Name == other.Name
            && Flags == other.Flags
            && Lower == other.Lower
            && Master == other.Master
        && AlternativeNames.SequenceEqual(other.AlternativeNames) && Addresses.SequenceEqual(other.Addresses);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Index, Name, Flags, Addresses.Length);
}

/// <summary>A change of an interface: its new state, or null when it has disappeared.</summary>
public readonly record struct LinkChange(int Index, LinkState? State);
