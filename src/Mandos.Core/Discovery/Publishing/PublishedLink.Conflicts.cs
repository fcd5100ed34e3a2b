using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>Conflicts with other responders.</summary>
internal sealed partial class PublishedLink
{
    /// <summary>Examines a response of another host for a claim to our names (RFC 6762, section 9).</summary>
    internal void Watch(DnsMessage response, in MulticastPacket packet, TimeSpan now)
    {
        if (owner.Transport.IsOwn(packet.Source))
            ShareHost([.. response.Answers, .. response.Additionals], now);
        foreach (var list in (List<DnsRecord>[])[response.Answers, response.Additionals])
        {
            foreach (var record in list)
            {
                foreach (var kind in (RecordOwner[])[RecordOwner.Instance, RecordOwner.Host])
                {
                    if (!_records.Contradicts(record, kind, _stage == Stage.Probing))
                        continue;
                    if (_stage == Stage.Probing)
                        owner.Rename(kind, this, now);
                    else
                        // Defend the name: both sides probe, and the loser takes another name.
                        Restart(owner.CountConflict(now));
                    return;
                }
            }
        }
    }

    /// <summary>Handles another responder's probe for our names, perhaps at the same time as ours.</summary>
    internal void Compete(DnsMessage probe, in MulticastPacket packet, TimeSpan now)
    {
        if (owner.Transport.IsOwn(packet.Source))
            ShareHost(probe.Authorities, now);
        if (_stage != Stage.Probing)
            return;
        foreach (var kind in (RecordOwner[])[RecordOwner.Instance, RecordOwner.Host])
        {
            var ours = _records.All.FindAll(r => r.Owner == kind && !r.IsNegative).ConvertAll(r => r.Record);
            if (ours.Count == 0)
                continue;
            var name = ours[0].Name;
            var theirs = probe.Authorities.FindAll(r => r.Name.Equals(name));
            if (theirs.Count > 0 && ProbeTieBreak.Compare(ours, theirs) < 0)
            {
                // By then the other responder has announced its records, or has disappeared.
                Restart(now + Second);
                return;
            }
        }
    }

    /// <summary>
    /// Coexists with another responder of this machine, which may also claim the host's name. With the same addresses both may answer;
    /// otherwise the name is left to the other one, because avahi-daemon would rename the machine.
    /// </summary>
    private void ShareHost(List<DnsRecord> claims, TimeSpan now)
    {
        claims = claims.FindAll(r => r.Type is DnsType.A or DnsType.Aaaa && r.Name.Equals(owner.HostName));
        if (claims.Count == 0)
            return;
        var ours = _records.All.FindAll(r => r.Owner == RecordOwner.Host && !r.IsNegative);
        if (claims.TrueForAll(c => c.Ttl == 0))
        {
            // Its goodbye made others forget records that are still valid.
            foreach (var own in ours)
                own.Plan(now, Second, awaitedFrom: null);
            if (!owner.HostIsOurs)
                owner.ReclaimHost(now);
        }
        else if (owner.HostIsOurs && claims.Count == ours.Count && claims.TrueForAll(c => ours.Exists(o => o.Record.Matches(c))))
        {
            owner.HostIsShared = true;
        }
        else if (owner.HostIsOurs)
        {
            owner.YieldHost();
        }
    }
}
