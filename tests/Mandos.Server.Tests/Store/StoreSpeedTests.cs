using System.Diagnostics;
using Mandos.Server.Tests.Checkers;

namespace Mandos.Server.Tests.Store;

/// <summary>
/// What a fleet costs, each thing beside another one: the limits are far away from what is measured. Alone, since the time of
/// all processors that this process takes is measured.
/// </summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class StoreSpeedTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestStore _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void With_a_thousand_clients_saving_one_is_cheap_and_loading_all_costs_about_as_much_as_saving_all()
    {
        using var store = _test.Open();
        var clients = Enumerable.Range(0, 1000).Select(i => _test.Client($"client-{i}", secret: new string('s', 700))).ToList();
        var sections = clients.Select(c => TestStore.Section(c.Name)).ToList();
        Measure("replace 1000, the first time", () => store.Replace(clients, sections, _test.Now));
        Measure("load 1000, the first time", () => store.Load());

        var round = 0;
        var replacing = Measure(
            "replace 1000 that differ, 10 times",
            () => Repeat(() => store.Replace([.. clients.Select(c => c with { SecretsGiven = ++round })], sections, _test.Now)));
        var loading = Measure("load 1000, 10 times", () => Repeat(() => store.Load()));
        var saving = Measure("save one, 1000 times", () => clients.ForEach(c => store.Save([c], [], _test.Now)));

        // As much as 10 times, and 100 times, if each one were as dear as all.
        Assert.InRange(loading, 0, 10 * replacing);
        Assert.InRange(saving, 0, 10 * replacing);
    }

    private static void Repeat(Action action)
    {
        for (var i = 0; i < 10; i++)
            action();
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
