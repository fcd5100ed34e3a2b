using Mandos.Core.Audit;

namespace Mandos.Server.Audit;

/// <summary>The latest records of the audit trail in memory, for pages that show them.</summary>
internal sealed class RecentRecords
{
    /// <summary>How many are kept: about 1 MB of typical records.</summary>
    internal const int Most = 2000;

    private readonly Lock _gate = new();
    private readonly Queue<AuditRecord> _records = new();

    /// <summary>Adds records that are on disk.</summary>
    internal void Add(IEnumerable<AuditRecord> records)
    {
        lock (_gate)
        {
            foreach (var record in records)
            {
                if (record.Event == AuditRecord.Begin)
                    continue;
                if (_records.Count == Most)
                    _records.Dequeue();
                _records.Enqueue(record);
            }
        }
    }

    /// <summary>Finds records, the latest first.</summary>
    /// <param name="client">Only those about this client; empty for all.</param>
    /// <param name="before">Only those with a lower number; 0 for all.</param>
    /// <param name="most">The limit.</param>
    internal IReadOnlyList<AuditRecord> Find(string client, long before, int most)
    {
        lock (_gate)
        {
            return
            [
                .. _records.Reverse()
                    .Where(one => (before == 0 || one.Number < before) && (client.Length == 0 || one.Field("client") == client)).Take(most),
            ];
        }
    }
}
