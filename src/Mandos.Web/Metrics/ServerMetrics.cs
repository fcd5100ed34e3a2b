using Mandos.BusClient;
using Mandos.Web.Following;

namespace Mandos.Web.Metrics;

/// <summary>The metrics of the server and its clients. No metric has the name of a client: thousands of series help no one.</summary>
internal static class ServerMetrics
{
    private const double Microsecond = 1e-6;

    private static readonly ClientStatus[] States = Enum.GetValues<ClientStatus>();

    /// <summary>Writes all metrics.</summary>
    /// <param name="image">The clients.</param>
    /// <param name="counters">The counters of the server; null for one that has none, which is upstream's.</param>
    /// <param name="version">The version of the server; null if it is unknown.</param>
    /// <param name="now">The current time.</param>
    internal static string Text(MirrorImage image, IReadOnlyDictionary<string, ulong>? counters, string? version, DateTimeOffset now)
    {
        var text = new OpenMetrics();
        text.Family("mandos_up", "gauge", "Whether the Mandos server is on the system bus.");
        text.Sample(image.HasServer ? 1 : 0);
        if (version is not null)
        {
            text.Family("mandos_build", "info", "The version of the Mandos server.");
            text.Sample(1, "_info", ("version", version));
        }

        if (image.HasServer)
            WriteClients(text, image.Clients, now);
        if (counters is not null)
            WriteCounters(text, counters);
        return text.End();
    }

    private static void WriteClients(OpenMetrics text, IReadOnlyList<ClientState> clients, DateTimeOffset now)
    {
        text.Family("mandos_clients", "gauge", "Clients by state; a client that waits for a decision counts as pending.");
        foreach (var state in States)
            text.Sample(clients.Count(client => client.Status() == state), "", ("state", state.Word()));
        List<DateTimeOffset> ends =
            [.. clients.Where(client => client.Flag("Enabled")).Select(client => client.Time("Expires")).OfType<DateTimeOffset>()];
        if (ends.Count > 0)
        {
            text.Family(
                "mandos_next_disable_seconds", "gauge", "Time until the next client is disabled unless a check succeeds.", "seconds");
            text.Sample((ends.Min() - now).TotalSeconds);
        }
    }

    private static void WriteCounters(OpenMetrics text, IReadOnlyDictionary<string, ulong> counters)
    {
        WriteByLabel(text, counters, "mandos_handshakes", "TLS handshakes by result.", "result", "handshakes.");
        WriteByLabel(text, counters, "mandos_deliveries", "Secrets that were sent, by outcome.", "outcome", "delivered.");
        WriteByLabel(text, counters, "mandos_refusals", "Requests that got no secret, by reason.", "reason", "refused.");
        WriteTimed(text, counters, "mandos_check_duration_seconds", "Checks that ended by themselves.", "checks.", "succeeded", "failed");
        WriteByLabel(text, counters, "mandos_checks", "Checks that ended by themselves, by result.", "result", "checks.");
        WriteTimed(text, counters, "mandos_store_save_duration_seconds", "Transactions of the store.", "saves.", "done", "failed");
        WriteByLabel(text, counters, "mandos_store_saves", "Transactions of the store, by result.", "result", "saves.");
    }

    /// <summary>A counter for each name with a prefix; the rest of the name is the label.</summary>
    private static void WriteByLabel(
        OpenMetrics text, IReadOnlyDictionary<string, ulong> counters, string family, string help, string label, string prefix)
    {
        text.Family(family, "counter", help);
        foreach (var (name, value) in counters.Where(counter => IsCount(counter.Key, prefix)).OrderBy(counter => counter.Key))
            text.Sample(value, "_total", (label, name[prefix.Length..]));
    }

    private static bool IsCount(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && !name.EndsWith(".microseconds", StringComparison.Ordinal);

    /// <summary>A summary without quantiles: how many, and how long all of them took.</summary>
    private static void WriteTimed(
        OpenMetrics text, IReadOnlyDictionary<string, ulong> counters, string family, string help, string prefix, params string[] counts)
    {
        text.Family(family, "summary", help, "seconds");
        text.Sample(counts.Sum(count => (double)counters.GetValueOrDefault(prefix + count)), "_count");
        text.Sample(counters.GetValueOrDefault($"{prefix}microseconds") * Microsecond, "_sum");
    }
}
