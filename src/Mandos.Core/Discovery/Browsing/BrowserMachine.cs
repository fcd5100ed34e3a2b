using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>Finds the instances of one service type on any number of interfaces.</summary>
internal sealed class BrowserMachine(
    DnsName serviceType, IMulticastTransport transport, MulticastStatistics statistics, Random random, Action<string>? debug)
    : IMulticastMachine
{
    private readonly List<BrowsedInterface> _interfaces = [];
    private volatile bool _hasNews;

    /// <summary>Whether services appeared or disappeared since the last call of <see cref="Found"/>; may be read from any thread.</summary>
    internal bool HasNews => _hasNews;

    internal DnsName ServiceType => serviceType;

    internal IMulticastTransport Transport => transport;

    internal MulticastStatistics Statistics => statistics;

    internal Random Random => random;

    /// <summary>The message ID of one-shot queries, which answers repeat.</summary>
    internal ushort OneShotId { get; } = (ushort)random.Next(1, 0x10000);

    public TimeSpan NextWake
    {
        get
        {
            var next = TimeSpan.MaxValue;
            foreach (var one in _interfaces)
                next = one.NextWake < next ? one.NextWake : next;
            return next;
        }
    }

    internal void Use(int interfaceIndex, TimeSpan now)
    {
        var used = Find(interfaceIndex);
        if (used is null)
            _interfaces.Add(used = new BrowsedInterface(interfaceIndex, this));
        used.Restart(now);
        used.Tick(now);
    }

    internal void Forget(int interfaceIndex)
    {
        if (Find(interfaceIndex) is not { } used)
            return;
        used.Leave();
        _interfaces.Remove(used);
        _hasNews = true;
    }

    internal void NoteNews() => _hasNews = true;

    /// <summary>Returns everything that exists now; may contain duplicates.</summary>
    internal List<ServiceEvent> Found()
    {
        _hasNews = false;
        var found = new List<ServiceEvent>();
        foreach (var one in _interfaces)
            found.AddRange(one.Found);
        return found;
    }

    public void Tick(TimeSpan now)
    {
        foreach (var one in _interfaces)
        {
            if (one.NextWake <= now)
                one.Tick(now);
        }
    }

    public void Receive(in MulticastPacket packet, TimeSpan now)
    {
        statistics.Received++;
        if (Find(packet.Link.InterfaceIndex) is not { } used)
        {
            statistics.WrongInterface++;
            return;
        }

        // A browser ignores the queries of others.
        if (packet.Message.Length > 2 && (packet.Message[2] & (DnsMessage.ResponseFlag >> 8)) == 0)
            return;
        if (!ResponseOrigin.IsOnLink(packet, statistics))
            return;
        if (!DnsMessage.TryParse(packet.Message, out var message) || (packet.OneShot && message.Id != OneShotId))
        {
            statistics.Malformed++;
            return;
        }

        if (message.IsPlain)
            used.Take(message, packet.OneShot, packet.Source, now);
    }

    /// <summary>Sends one query, or schedules another attempt.</summary>
    internal bool Send(QuerySchedule schedule, ReadOnlySpan<byte> message, bool oneShot, TimeSpan now)
    {
        var error = oneShot ? transport.SendOneShot(schedule.Link, message) : transport.Send(schedule.Link, message);
        if (error.Ok)
            return true;
        statistics.SendErrors++;
        if (!schedule.IsFailing)
            debug?.Invoke($"cannot send on {schedule.Link} yet: {error}");
        schedule.Failed(now);
        return false;
    }

    private BrowsedInterface? Find(int interfaceIndex) => _interfaces.Find(i => i.InterfaceIndex == interfaceIndex);
}
