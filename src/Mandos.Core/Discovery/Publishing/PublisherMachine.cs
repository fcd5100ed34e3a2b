using System.Net;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>Publishes one service instance on any number of links, under the same name on all of them.</summary>
internal sealed class PublisherMachine : IMulticastMachine
{
    /// <summary>After this many conflicts within ten seconds, each further attempt waits five seconds (RFC 6762, section 8.1).</summary>
    private const int ManyConflicts = 15;

    private static readonly TimeSpan ConflictWindow = TimeSpan.FromSeconds(10), ConflictPause = TimeSpan.FromSeconds(5);

    private readonly List<PublishedLink> _links = [];
    private readonly AlternativeName _instance;
    private readonly AlternativeName _host;
    private readonly DnsName _domain = DnsName.Parse("local");
    private readonly bool _usesBoth;
    private readonly ushort _port;
    private readonly Action<string>? _debug;
    private readonly Queue<TimeSpan> _conflicts = new();
    private readonly SentMessages _sentMessages = new();
    private bool _isContested;
    private bool _running;

    internal PublisherMachine(
        MulticastServicePublisherOptions options, IMulticastTransport transport, MulticastStatistics statistics, Random random)
    {
        ServiceType = DnsName.Parse(options.ServiceType);
        _instance = new(options.InstanceName, " #");
        _host = new(options.HostName.Split('.')[0] is { Length: > 0 } label ? label : "mandos", "-");
        _usesBoth = options is { UseIPv6: true, UseIPv4: true };
        _port = options.Port;
        _debug = options.Debug;
        Transport = transport;
        Statistics = statistics;
        Random = random;
    }

    internal IMulticastTransport Transport { get; }

    internal MulticastStatistics Statistics { get; }

    internal Random Random { get; }

    /// <summary>The limit for all links together.</summary>
    internal UnicastLimit Unicasts { get; } = new();

    internal DnsName ServiceType { get; }

    internal DnsName HostName => _domain.Child(_host.Label);

    /// <summary>False while another responder of this machine owns the host's name.</summary>
    internal bool HostIsOurs { get; private set; } = true;

    /// <summary>Whether another responder of this machine has the same addresses under the same name.</summary>
    internal bool HostIsShared { get; set; }

    internal string InstanceName => _instance.Current;

    public TimeSpan NextWake
    {
        get
        {
            var next = TimeSpan.MaxValue;
            if (_running)
            {
                foreach (var link in _links)
                    next = link.NextWake < next ? link.NextWake : next;
            }

            return next;
        }
    }

    internal ServiceRecords MakeRecords(IReadOnlyList<IPAddress> addresses) =>
        new(ServiceType, ServiceType.Child(_instance.Label), HostName, _port, addresses, HostIsOurs, hasMoreAddresses: _usesBoth);

    internal void Start(TimeSpan now)
    {
        _running = true;
        RestartAll(now);
    }

    /// <summary>Sends a goodbye on all links.</summary>
    internal void Stop()
    {
        foreach (var link in _links)
            link.SayGoodbye();
        _running = false;
    }

    internal void Use(MulticastLink link, TimeSpan now)
    {
        var used = Find(link);
        if (used is not null && _running)
        {
            used.Refresh(now);
            return;
        }

        if (used is null)
            _links.Add(used = new PublishedLink(link, this));
        if (_running)
            used.Restart(now + FirstProbeDelay());
    }

    internal void Forget(MulticastLink link)
    {
        if (Find(link) is not { } used)
            return;
        used.SayGoodbye();
        Transport.Leave(used.Link);
        _links.Remove(used);
    }

    public void Tick(TimeSpan now)
    {
        if (!_running)
            return;
        foreach (var link in _links)
            link.Tick(now);
    }

    public void Receive(in MulticastPacket packet, TimeSpan now)
    {
        Statistics.Received++;
        if (Find(packet.Link) is not { } link)
        {
            Statistics.WrongInterface++;
            return;
        }

        // A multicast message also returns to its sender.
        if (!_running || _sentMessages.Contains(packet.Message))
            return;
        if (!DnsMessage.TryParse(packet.Message, out var message))
        {
            Statistics.Malformed++;
            return;
        }

        if (!message.IsPlain)
            return;
        if (message.IsResponse)
        {
            if (ResponseOrigin.IsOnLink(packet, Statistics))
                link.Watch(message, packet, now);
        }
        else if (!packet.ToGroup && !packet.FromNeighbour)
        {
            Statistics.OffLink++;
        }
        else
        {
            if (message.Authorities.Count > 0)
                link.Compete(message, packet, now);
            link.Answer(message, packet, now);
        }

        link.Tick(now);
    }

    /// <summary>Takes the next name on all links, because another host owns ours.</summary>
    internal void Rename(RecordOwner kind, PublishedLink where, TimeSpan now)
    {
        foreach (var link in _links)
        {
            if (link != where)
                link.SayGoodbye();
        }

        var name = kind == RecordOwner.Instance ? _instance : _host;
        var taken = name.Current;
        name.Advance();
        _debug?.Invoke($"the name {taken} is taken on {where.Link}, trying {name.Current}");
        RestartAll(CountConflict(now));
    }

    /// <summary>Counts a conflict; returns when probing may begin again.</summary>
    internal TimeSpan CountConflict(TimeSpan now)
    {
        while (_conflicts.Count > 0 && _conflicts.Peek() < now - ConflictWindow)
            _conflicts.Dequeue();
        _conflicts.Enqueue(now);
        _isContested |= _conflicts.Count >= ManyConflicts;
        return now + (_isContested ? ConflictPause : FirstProbeDelay());
    }

    /// <summary>Records that a name was accepted.</summary>
    internal void NoteSuccess() => _isContested = false;

    /// <summary>Leaves the host's name and addresses to another responder of this machine (avahi-daemon).</summary>
    internal void YieldHost()
    {
        _debug?.Invoke($"another responder on this machine has the name {_host.Current}.local");
        HostIsOurs = false;
        foreach (var link in _links)
            link.UpdateRecords();
    }

    /// <summary>Takes the host's name back, because the other responder has disappeared.</summary>
    internal void ReclaimHost(TimeSpan now)
    {
        _debug?.Invoke($"the name {_host.Current}.local is free");
        HostIsOurs = true;
        HostIsShared = false;
        RestartAll(now + TimeSpan.FromSeconds(1));
    }

    internal bool Send(MulticastLink link, ReadOnlySpan<byte> message)
    {
        _sentMessages.Add(message);
        return Check(Transport.Send(link, message).Ok);
    }

    internal void SendTo(MulticastLink link, IPAddress destination, ushort destinationPort, ReadOnlySpan<byte> message) =>
        Check(Transport.SendTo(link, destination, destinationPort, message).Ok);

    private bool Check(bool success)
    {
        Statistics.SendErrors += success ? 0 : 1;
        return success;
    }

    private void RestartAll(TimeSpan at)
    {
        foreach (var link in _links)
            link.Restart(at);
    }

    /// <summary>A random delay, because many hosts may have started at the same time (RFC 6762, section 8.1).</summary>
    private TimeSpan FirstProbeDelay() => TimeSpan.FromMilliseconds(Random.Next(0, 251));

    private PublishedLink? Find(MulticastLink link) => _links.Find(l => l.Link == link);
}
