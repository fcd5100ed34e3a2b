using System.Diagnostics;

namespace Mandos.Server.Tests.Store;

/// <summary>What a fleet costs. The limits are far away from what is measured, so that a busy machine does not matter.</summary>
public sealed class StoreSpeedTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestStore _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_thousand_clients_are_saved_and_loaded_in_no_time()
    {
        using var store = _test.Open();
        var clients = Enumerable.Range(0, 1000).Select(i => _test.Client($"client-{i}", secret: new string('s', 700))).ToList();
        Measure("replace 1000, encrypting", () => store.Replace(clients, [.. clients.Select(c => TestStore.Section(c.Name))], _test.Now));
        Measure("replace 1000 again", () => store.Replace(clients, [.. clients.Select(c => TestStore.Section(c.Name))], _test.Now));
        Measure("load 1000", () => store.Load());
        var loading = Measure("load 1000 again", () => store.Load());
        var saving = Measure("save one, 1000 times", () => clients.ForEach(c => store.Save([c], [], _test.Now)));
        Assert.InRange(loading, 0, 2000);
        Assert.InRange(saving, 0, 10_000);
    }

    /// <summary>Milliseconds of the processor.</summary>
    private double Measure(string what, Action action)
    {
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        action();
        var spent = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds;
        output.WriteLine($"{what}: {spent:F0} ms of the processor, {clock.ElapsedMilliseconds} ms");
        return spent;
    }
}
