using System.Net;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>
/// Limits the unicast answers of a publisher per second. An answer is five times as long as its question, and the source of a question is
/// easily forged; multicast answers have a limit of their own (RFC 6762, section 6).
/// </summary>
internal sealed class UnicastLimit
{
    /// <summary>Per destination; a booting client sends three queries in the first second.</summary>
    internal const int MostToOne = 10;

    /// <summary>In total; enough for many machines that boot at the same time.</summary>
    internal const int MostInAll = 200;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Dictionary<IPAddress, int> _given = [];
    private TimeSpan _since;
    private int _inAll;

    /// <summary>Whether another answer is allowed; if so, it is counted.</summary>
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
