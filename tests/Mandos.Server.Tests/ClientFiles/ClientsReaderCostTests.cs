using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mandos.Server.Tests.Checkers;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>
/// What many clients cost, beside half of them: processor time, the least of so many runs that a busy machine does not matter: it
/// only ever adds. Alone, since the time of the whole process is measured; and without collections of garbage, whose cost grows
/// with what other tests left on the heap.
/// </summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class ClientsReaderCostTests(ITestOutputHelper output)
{
    /// <summary>Twice would be linear; four times is quadratic.</summary>
    private const double Linear = 2.3;

    private const int FewestRuns = 3, MostRuns = 40;

    /// <summary>More than the costliest of the texts needs, in bytes.</summary>
    private const long Garbage = 200 << 20;

    [Theory]
    [InlineData("[client-{0}]\nkey_id = {0:x64}\nhost = {0}.example.org\nsecret = hQEMA7ZkBwAQ\n", 10_000, false)]
    [InlineData("[client-{0}]\nkey_id = {0:x64}\nsecret = hQEMA7ZkBwAQ\ntimeuot = PT5M\n", 10_000, false)]
    [InlineData("[client-{0}]\nkey_id = {0:x64}\nsecret = hQEMA7ZkBwAQ\n[client-{0}]\n", 10_000, true)]
    public void Twice_as_many_clients_cost_about_twice_as_much_to_read(string section, int count, bool isRefused)
    {
        var small = Text(section, count);
        var large = Text(section, 2 * count);
        var (one, two) = (double.MaxValue, double.MaxValue);
        for (var i = 0; i < FewestRuns || (i < MostRuns && two / one > Linear); i++)
        {
            one = Math.Min(one, Measure(small, isRefused));
            two = Math.Min(two, Measure(large, isRefused));
        }

        output.WriteLine($"{one:F0} ms, {two:F0} ms: {two / one:F2}");
        Assert.InRange(two / one, 0, Linear);
    }

    private static string Text(string section, int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
            text.AppendFormat(CultureInfo.InvariantCulture, section, i);
        return text.ToString();
    }

    /// <summary>Milliseconds of the processor.</summary>
    private static double Measure(string text, bool isRefused)
    {
        using var process = Process.GetCurrentProcess();
        Assert.True(GC.TryStartNoGCRegion(Garbage));
        var before = process.TotalProcessorTime;
        using var file = new ClientFile(text);
        process.Refresh();
        var taken = process.TotalProcessorTime - before;
        GC.EndNoGCRegion();
        Assert.Equal(isRefused, file.IsRefused);
        return taken.TotalMilliseconds;
    }
}
