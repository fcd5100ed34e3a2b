using System.Collections.Immutable;
using System.Net;

namespace Mandos.Core.Linux.Netlink;

/// <summary>A network interface as it is at one moment.</summary>
/// <param name="Index">The number the kernel gave it; stays when it is renamed.</param>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="Flags">Its state and kind.</param>
/// <param name="Addresses">Its addresses, IPv4 and IPv6.</param>
public sealed record LinkState(int Index, string Name, LinkFlags Flags, ImmutableArray<LinkAddress> Addresses)
{
    /// <summary>Other names by which the kernel knows it.</summary>
    public ImmutableArray<string> AlternativeNames { get; init; } = [];

    /// <summary>The interface it is made of: the device of a VLAN, for example; 0 if there is none.</summary>
    public int Lower { get; init; }

    /// <summary>The bond or bridge that it is a part of; 0 without one.</summary>
    public int Master { get; init; }

    /// <summary>Its name and its other names.</summary>
    public IEnumerable<string> Names => AlternativeNames.Prepend(Name);

    /// <summary>Switched on by an administrator (or by us).</summary>
    public bool IsUp => Flags.HasFlag(LinkFlags.Up);

    /// <summary>Up, with carrier.</summary>
    public bool IsRunning => IsUp && Flags.HasFlag(LinkFlags.Running);

    /// <summary>Up, with carrier, and with an address from which packets can be sent now.</summary>
    public bool IsUsable => IsRunning && Addresses.Any(static address => address.IsUsable);

    /// <summary>Those of its addresses for which the condition holds.</summary>
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

    /// <summary>Compares arrays element by element: they compare by identity.</summary>
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

/// <summary>A change of one interface: its new state, or null when it is gone.</summary>
public readonly record struct LinkChange(int Index, LinkState? State);
