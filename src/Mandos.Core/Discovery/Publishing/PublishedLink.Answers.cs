using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>Answers to queries.</summary>
internal sealed partial class PublishedLink
{
    /// <summary>The maximum time to live, in seconds, in answers to resolvers without multicast DNS (RFC 6762, section 6.7).</summary>
    private const uint LegacyTtl = 10;

    internal void Answer(DnsMessage query, in MulticastPacket packet, TimeSpan now)
    {
        if (_stage == Stage.Probing)
            return;
        if (query.Questions.Count == 0)
            ForgetKnown(query, packet);
        if (packet.SourcePort != MulticastLink.Port)
        {
            if (packet.FromNeighbour)
                AnswerLegacy(query, packet, now);
            else
                owner.Statistics.OffLink++;
            return;
        }

        var isProbe = query.Authorities.Count > 0;
        var planned = new List<OwnRecord>();
        var direct = new List<OwnRecord>();
        foreach (var question in query.Questions)
        {
            foreach (var own in _records.AnswersTo(question))
            {
                if (own.IsKnownTo(query))
                    continue;
                // A probing host must get the answer immediately, and other hosts should see it.
                var unicast = question.UnicastResponse && !isProbe && packet.FromNeighbour;
                if (unicast)
                    direct.Add(own);
                if (!unicast || !own.WasSentWithin(TimeSpan.FromSeconds(own.Record.Ttl / 4), now))
                    planned.Add(own);
            }
        }

        if (direct.Count > 0 && !owner.Unicasts.Allows(packet.Source, now))
        {
            owner.Statistics.Unanswered++;
            planned.AddRange(direct.FindAll(d => !planned.Contains(d)));
            direct.Clear();
        }

        // Several hosts may answer for a shared name, hence the random delay; further known answers take some time to arrive.
        var delay = query.IsTruncated ? owner.Random.Next(400, 501)
            : !isProbe && planned.Exists(p => p.IsShared) ? owner.Random.Next(20, 121)
            : 0;
        foreach (var own in planned)
            own.Plan(now + TimeSpan.FromMilliseconds(delay), isProbe ? ProbeDistance : Second, query.IsTruncated ? packet.Source : null);
        if (direct.Count > 0)
        {
            Compose(direct, now);
            owner.SendTo(link, packet.Source, packet.SourcePort, _writer.Message);
        }
    }

    /// <summary>Processes further known answers of a querier whose question waits for them.</summary>
    private void ForgetKnown(DnsMessage query, in MulticastPacket packet)
    {
        foreach (var own in _records.All)
        {
            if (own.AwaitedFrom?.Equals(packet.Source) == true && own.IsKnownTo(query))
                own.Cancel();
        }
    }

    /// <summary>
    /// Answers like a plain DNS server: immediately, with the ID and question repeated, and without the bits of multicast DNS.
    /// </summary>
    private void AnswerLegacy(DnsMessage query, in MulticastPacket packet, TimeSpan now)
    {
        var answers = new List<OwnRecord>();
        _writer.Begin(ResponseFlags, query.Id, compressSrv: false);
        foreach (var question in query.Questions)
        {
            _writer.TryAdd(question with { UnicastResponse = false });
            answers.AddRange(_records.AnswersTo(question).FindAll(a => !answers.Contains(a)));
        }

        if (answers.Count == 0)
            return;
        if (!owner.Unicasts.Allows(packet.Source, now))
        {
            owner.Statistics.Unanswered++;
            return;
        }

        AddLegacy(DnsSection.Answer, answers);
        AddLegacy(DnsSection.Additional, _records.AdditionalsFor(answers));
        owner.SendTo(link, packet.Source, packet.SourcePort, _writer.Message);
    }

    private void AddLegacy(DnsSection section, List<OwnRecord> list)
    {
        foreach (var own in list)
            _writer.TryAdd(section, own.Record, Math.Min(own.Record.Ttl, LegacyTtl), cacheFlush: false);
    }

    private void SendDueAnswers(TimeSpan now)
    {
        var due = _records.All.FindAll(r => r.Due <= now);
        if (due.Count == 0)
            return;
        foreach (var own in Compose(due, now))
            own.Sent(now);
        foreach (var own in due)
            own.Cancel();
        owner.Send(link, _writer.Message);
    }

    /// <summary>Writes answers and what the querier will need next, without records that were multicast a moment ago.</summary>
    private List<OwnRecord> Compose(List<OwnRecord> answers, TimeSpan now)
    {
        _writer.Begin(ResponseFlags);
        var written = answers.FindAll(a => _writer.TryAdd(DnsSection.Answer, a.Record));
        var additionals = _records.AdditionalsFor(answers).FindAll(a => !a.WasSentWithin(Second, now));
        written.AddRange(additionals.FindAll(a => _writer.TryAdd(DnsSection.Additional, a.Record)));
        return written;
    }
}
