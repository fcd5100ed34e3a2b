using System.Net;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>A record that a publisher announces on one link. Times are those of the machine.</summary>
internal sealed class OwnRecord(DnsRecord record, RecordOwner owner)
{
    internal DnsRecord Record => record;

    internal RecordOwner Owner => owner;

    internal bool IsShared => owner == RecordOwner.ServiceType;

    /// <summary>Whether the record only states what does not exist; such a record is never announced.</summary>
    internal bool IsNegative => record.Type == DnsType.Nsec;

    /// <summary>When it was last multicast.</summary>
    internal TimeSpan? LastSent { get; private set; }

    /// <summary>When the record is due to be multicast.</summary>
    internal TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

    /// <summary>The querier that may still send this record as a known answer (RFC 6762, section 7.2).</summary>
    internal IPAddress? AwaitedFrom { get; private set; }

    /// <summary>
    /// Schedules the record to be multicast, but not within <paramref name="gap"/> of the last time: one second, or 250 ms to answer a
    /// probe (RFC 6762, section 6).
    /// </summary>
    internal void Plan(TimeSpan due, TimeSpan gap, IPAddress? awaitedFrom)
    {
        if (LastSent is { } last && last + gap > due)
            due = last + gap;
        if (due >= Due)
            return;
        Due = due;
        AwaitedFrom = awaitedFrom;
    }

    internal void Cancel() => Due = TimeSpan.MaxValue;

    internal void Sent(TimeSpan now)
    {
        LastSent = now;
        Due = TimeSpan.MaxValue;
    }

    internal bool WasSentWithin(TimeSpan span, TimeSpan now) => LastSent is { } last && now - last < span;

    /// <summary>Whether the querier has the record with at least half of its lifetime left (RFC 6762, section 7.1).</summary>
    internal bool IsKnownTo(DnsMessage query) => query.Answers.Exists(a => a.Matches(record) && a.Ttl >= record.Ttl / 2);
}

/// <summary>The owner of a publisher's record.</summary>
internal enum RecordOwner
{
    /// <summary>The service type: others have records of the same name (shared, RFC 6762, section 2).</summary>
    ServiceType,

    /// <summary>The instance: no other responder may have records of this name (unique).</summary>
    Instance,

    /// <summary>The host: unique too, but a responder for the whole machine may own it.</summary>
    Host,
}
