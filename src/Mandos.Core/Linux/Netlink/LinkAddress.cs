using System.Net;
using System.Net.Sockets;

namespace Mandos.Core.Linux.Netlink;

/// <summary>Flags of an address of an interface (linux/if_addr.h).</summary>
[Flags]
public enum AddressFlags
{
    None = 0,

    /// <summary>Usable although duplicate address detection is still running (RFC 4429).</summary>
    Optimistic = 0x04,

    /// <summary>Another machine on the link has the address.</summary>
    DadFailed = 0x08,
    Deprecated = 0x20,

    /// <summary>Duplicate address detection is still running (RFC 4862, 5.4).</summary>
    Tentative = 0x40,
}

/// <summary>An address of an interface. A link-local IPv6 address has the interface as its scope.</summary>
public readonly record struct LinkAddress(IPAddress Address, int PrefixLength, AddressFlags Flags)
{
    /// <summary>Whether the kernel created it from a router announcement (reported since Linux 5.18).</summary>
    public bool FromRouter { get; init; }

    /// <summary>Whether it is only valid on this link: fe80::/10 and 169.254.0.0/16.</summary>
    public bool IsLinkLocal => Address.IsIPv6LinkLocal
        || (Address.AddressFamily == AddressFamily.InterNetwork && Address.GetAddressBytes() is [169, 254, _, _]);

    public bool Tentative => Flags.HasFlag(AddressFlags.Tentative);

    public bool Optimistic => Flags.HasFlag(AddressFlags.Optimistic);

    public bool Deprecated => Flags.HasFlag(AddressFlags.Deprecated);

    public bool DadFailed => Flags.HasFlag(AddressFlags.DadFailed);

    /// <summary>Whether packets can currently be sent from it.</summary>
    public bool IsUsable => !DadFailed && (!Tentative || Optimistic);
}
