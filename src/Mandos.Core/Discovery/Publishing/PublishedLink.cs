using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>A service on one link: probes for its names, announces, then answers (RFC 6762, sections 6 and 8).</summary>
internal sealed partial class PublishedLink(MulticastLink link, PublisherMachine owner)
{
    private enum Stage
    {
        Probing,
        Announcing,
        Announced,
    }

    private const int Probes = 3, Announcements = 3;
    private const ushort ResponseFlags = DnsMessage.ResponseFlag | DnsMessage.AuthoritativeFlag;

    private static readonly TimeSpan ProbeDistance = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryDistance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly DnsMessageWriter _writer = new();
    private ServiceRecords _records = owner.MakeRecords([]);
    private Stage _stage;
    private int _sent;
    private TimeSpan _nextStep;

    internal MulticastLink Link => link;

    internal TimeSpan NextWake
    {
        get
        {
            var next = _nextStep;
            foreach (var record in _records.All)
                next = record.Due < next ? record.Due : next;
            return next;
        }
    }

    /// <summary>Starts again from the first probe, with the current names and addresses.</summary>
    internal void Restart(TimeSpan at)
    {
        owner.Transport.Join(link);
        _records = owner.MakeRecords(owner.Transport.AddressesOf(link));
        _stage = Stage.Probing;
        _sent = 0;
        _nextStep = at;
    }

    /// <summary>Announces the probed records again, because the link has returned or its addresses may have changed.</summary>
    internal void Refresh(TimeSpan now)
    {
        if (_stage == Stage.Probing)
        {
            Restart(now);
            return;
        }

        owner.Transport.Join(link);
        UpdateRecords();
        _stage = Stage.Announcing;
        _sent = 0;
        _nextStep = now;
    }

    /// <summary>Applies a change of the owner of the host's name.</summary>
    internal void UpdateRecords() => _records = owner.MakeRecords(owner.Transport.AddressesOf(link));

    internal void Tick(TimeSpan now)
    {
        if (_nextStep <= now)
            Step(now);
        SendDueAnswers(now);
    }

    /// <summary>Withdraws what was announced.</summary>
    internal void SayGoodbye()
    {
        if (_stage == Stage.Probing)
            return;
        _writer.Begin(ResponseFlags);
        foreach (var own in _records.All)
        {
            // Other servers may provide the service type, and another responder of this machine may continue to publish the host.
            var leaves = own.Owner switch
            {
                RecordOwner.ServiceType => own.Record.Name.Equals(owner.ServiceType),
                RecordOwner.Host => !owner.HostIsShared,
                _ => true,
            };
            if (leaves && !own.IsNegative)
                _writer.TryAdd(DnsSection.Answer, own.Record, 0, own.Record.CacheFlush);
        }

        owner.Send(link, _writer.Message);
    }

    private void Step(TimeSpan now)
    {
        if (_records.Addresses.Count == 0)
        {
            Restart(now + Second);
            if (_records.Addresses.Count == 0)
                return;
        }

        if (_stage == Stage.Probing && _sent < Probes)
        {
            Advance(SendProbe(), ProbeDistance, now);
            return;
        }

        if (_stage == Stage.Probing)
        {
            _stage = Stage.Announcing;
            _sent = 0;
        }

        Advance(SendAnnouncement(now), Second * (_sent + 1), now);
        if (_sent < Announcements)
            return;
        _stage = Stage.Announced;
        owner.NoteSuccess();
        _nextStep = TimeSpan.MaxValue;
    }

    /// <summary>Schedules the next step. A tentative address cannot send; then the step is retried soon, without counting.</summary>
    private void Advance(bool success, TimeSpan distance, TimeSpan now)
    {
        _sent += success ? 1 : 0;
        _nextStep = now + (success ? distance : RetryDistance);
    }

    private bool SendProbe()
    {
        _writer.Begin(0);
        var names = new List<DnsName>();
        foreach (var own in _records.All)
        {
            if (own.IsShared || own.IsNegative || names.Contains(own.Record.Name))
                continue;
            names.Add(own.Record.Name);
            _writer.TryAdd(new DnsQuestion(own.Record.Name, DnsType.Any, UnicastResponse: _sent == 0));
        }

        foreach (var own in _records.All)
        {
            if (!own.IsShared && !own.IsNegative)
                _writer.TryAdd(DnsSection.Authority, own.Record, own.Record.Ttl, cacheFlush: false);
        }

        return owner.Send(link, _writer.Message);
    }

    private bool SendAnnouncement(TimeSpan now)
    {
        _writer.Begin(ResponseFlags);
        foreach (var own in _records.All)
        {
            if (own.IsNegative || !_writer.TryAdd(DnsSection.Answer, own.Record))
                continue;
            own.Sent(now);
        }

        return owner.Send(link, _writer.Message);
    }
}
