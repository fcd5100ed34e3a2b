using System.Globalization;
using System.Net;
using Mandos.LanPeer;

return args switch
{
    ["browse", var type] => Peer.Browse(type),
    ["publish", var name, var type, var port, var address, var hopLimit] =>
        Peer.Publish(
            name, type, ushort.Parse(port, CultureInfo.InvariantCulture), IPAddress.Parse(address),
            int.Parse(hopLimit, CultureInfo.InvariantCulture)),
    _ => Peer.Usage(),
};
