using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Mandos.Peers.Keys;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>Many clients at once: how long each waited for its secret.</summary>
/// <param name="Seconds">From the first to the last.</param>
/// <param name="Times">Of each that got its secret, in seconds, shortest first.</param>
/// <param name="Failed">How many did not.</param>
/// <param name="Reasons">Why, for people.</param>
public sealed record Fetches(double Seconds, IReadOnlyList<double> Times, int Failed, string Reasons)
{
    /// <summary>Secrets a second.</summary>
    public double Rate => Times.Count / Seconds;

    /// <summary>All but one in a hundred of those that succeeded took at most so long.</summary>
    public double Percentile99 => Times.Count == 0 ? double.NaN : Times[Math.Max(0, (int)Math.Ceiling(Times.Count * 0.99) - 1)];

    /// <summary>Half of those that succeeded took at most so long.</summary>
    public double Median => Times.Count == 0 ? double.NaN : Times[(Times.Count - 1) / 2];

    /// <summary>The longest of those that succeeded.</summary>
    public double Longest => Times.Count == 0 ? double.NaN : Times[^1];

    /// <summary>
    /// Fetches <paramref name="count"/> times, <paramref name="atOnce"/> at each moment, with the keys in a folder of the machine
    /// (where a client has them), on some of the processors.
    /// </summary>
    public static Task<Fetches> RunAsync(
        Machine machine, string address, int port, int atOnce, int count, byte[] secret, CancellationToken cancellationToken,
        double limit = 20, string folder = KeySet.Folder,
        string processors = "0-1023") =>
        RunAsync(machine, address, port, atOnce, Text(count), secret, limit, folder, processors, cancellationToken);

    /// <summary>
    /// Waits until the server listens, then fetches one after the other, with short pauses, for <paramref name="seconds"/>.
    /// </summary>
    public static Task<Fetches> RunForAsync(
        Machine machine, string address, int port, int seconds, byte[] secret, CancellationToken cancellationToken, double limit = 20) =>
        RunAsync(machine, address, port, 1, $"{Text(seconds)}s", secret, limit, KeySet.Folder, "0-1023", cancellationToken);

    private static async Task<Fetches> RunAsync(
        Machine machine, string address, int port, int atOnce, string count, byte[] secret, double limit, string folder, string processors,
        CancellationToken cancellationToken)
    {
        var done = await machine.RunAsync(
            new(), TimeSpan.FromMinutes(10), cancellationToken, "/usr/bin/taskset", "--cpu-list", processors, "/usr/bin/python3",
            machine.PutScript("fetch.py"), address, Text(port), folder,
            Text(atOnce), count, Convert.ToHexStringLower(SHA256.HashData(secret)), limit.ToString(CultureInfo.InvariantCulture));
        using var json = JsonDocument.Parse(done.OrThrow().Text);
        var root = json.RootElement;
        return new(
            root.GetProperty("seconds").GetDouble(), [.. root.GetProperty("times").EnumerateArray().Select(t => t.GetDouble())],
            root.GetProperty("failed").GetInt32(), root.GetProperty("reasons").ToString());
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
