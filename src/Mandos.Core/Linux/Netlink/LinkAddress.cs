using System.Net;
using System.Net.Sockets;

namespace Mandos.Core.Linux.Netlink;

/// <summary>Flags of an address of an interface (linux/if_addr.h).</summary>
[Flags]
public enum AddressFlags
{
    None = 0,

    /// <summary>May be used although duplicate address detection still runs (RFC 4429).</summary>
    Optimistic = 0x04,

    /// <summary>Another machine on the link has it.</summary>
    DadFailed = 0x08,
    Deprecated = 0x20,

    /// <summary>Duplicate address detection still runs (RFC 4862, 5.4).</summary>
    Tentative = 0x40,
}

/// <summary>One address of one interface. A link-local IPv6 address carries the interface as its scope.</summary>
public readonly record struct LinkAddress(IPAddress Address, int PrefixLength, AddressFlags Flags)
{
    /// <summary>The kernel made it by itself of what a router announced (Linux says so since 5.18).</summary>
    public bool FromRouter { get; init; }

    /// <summary>Means something on this link alone: fe80::/10 and 169.254.0.0/16.</summary>
    public bool IsLinkLocal => Address.IsIPv6LinkLocal
        || (Address.AddressFamily == AddressFamily.InterNetwork && Address.GetAddressBytes() is [169, 254, _, _]);

    public bool Tentative => Flags.HasFlag(AddressFlags.Tentative);

    public bool Optimistic => Flags.HasFlag(AddressFlags.Optimistic);

    public bool Deprecated => Flags.HasFlag(AddressFlags.Deprecated);

    public bool DadFailed => Flags.HasFlag(AddressFlags.DadFailed);

    /// <summary>True if packets can be sent from it now.</summary>
    public bool IsUsable => !DadFailed && (!Tentative || Optimistic);
}
