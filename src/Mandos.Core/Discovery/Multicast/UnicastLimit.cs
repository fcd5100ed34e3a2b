using System.Net;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>
/// How many unicast answers a publisher gives in a second. An answer is five times as long as its question, and the source of a
/// question is easily forged; what goes to the group has its own limit (RFC 6762, section 6).
/// </summary>
internal sealed class UnicastLimit
{
    /// <summary>A client that boots asks three times in the first second.</summary>
    internal const int MostToOne = 10;

    /// <summary>For a room full of machines that boot at once.</summary>
    internal const int MostInAll = 200;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Dictionary<IPAddress, int> _given = [];
    private TimeSpan _since;
    private int _inAll;

    /// <summary>Whether one more may be given; if so, it is counted.</summary>
    internal bool Allows(IPAddress destination, TimeSpan now)
    {
        if (now - _since >= Second)
        {
            _given.Clear();
            _inAll = 0;
            _since = now;
        }

        var own = _given.GetValueOrDefault(destination);
        if (own >= MostToOne || _inAll >= MostInAll)
            return false;
        _given[destination] = own + 1;
        _inAll++;
        return true;
    }
}
