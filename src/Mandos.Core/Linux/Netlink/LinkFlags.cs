namespace Mandos.Core.Linux.Netlink;

/// <summary>Flags of a network interface (netdevice(7)) that matter here.</summary>
[Flags]
public enum LinkFlags
{
    None = 0,
    Up = 0x1,
    Broadcast = 0x2,
    Loopback = 0x8,
    PointToPoint = 0x10,

    /// <summary>The interface has carrier and can transmit.</summary>
    Running = 0x40,
    NoArp = 0x80,
    Multicast = 0x1000,
    LowerUp = 0x10000,
}
