using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>What others claim.</summary>
internal sealed partial class PublishedLink
{
    /// <summary>Looks into a response of another host for a claim of our names (RFC 6762, section 9).</summary>
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
                        // Defend: both sides probe, and the one that loses takes another name.
                        Restart(owner.CountConflict(now));
                    return;
                }
            }
        }
    }

    /// <summary>Another responder probes for our names, perhaps at the same time as we do.</summary>
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
                // The other one will have announced by then, or is gone.
                Restart(now + Second);
                return;
            }
        }
    }

    /// <summary>
    /// Gets along with another responder of this machine, which may claim the host's name as well. With the same addresses
    /// both may answer; else the name is left to the other one, since avahi-daemon would rename the machine.
    /// </summary>
    private void ShareHost(List<DnsRecord> claims, TimeSpan now)
    {
        claims = claims.FindAll(r => r.Type is DnsType.A or DnsType.Aaaa && r.Name.Equals(owner.HostName));
        if (claims.Count == 0)
            return;
        var ours = _records.All.FindAll(r => r.Owner == RecordOwner.Host && !r.IsNegative);
        if (claims.TrueForAll(c => c.Ttl == 0))
        {
            // Its goodbye made others forget what is still true.
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
