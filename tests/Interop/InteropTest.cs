// Machines mostly wait; each test has its own. Tests that compare times run alone (DisableParallelization).
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 4)]

namespace Mandos.Interop;

/// <summary>A test with its own laboratory. Skipped, saying so, only without root.</summary>
public abstract class InteropTest : IAsyncLifetime
{
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private Laboratory? _laboratory;

    /// <summary>The machines of this test.</summary>
    protected Laboratory Lab => _laboratory!;

    /// <summary>Ends with the test.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(
            Laboratory.MayWork, "needs root, for network namespaces and chroots of its own: run 'make test', which asks for sudo");
        var output = TestContext.Current.TestOutputHelper!;
        _laboratory = new(
            line => output.WriteLine($"{TimeProvider.System.GetElapsedTime(_began).TotalSeconds,7:F3} {Printable(line)}"), Token);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        if (_laboratory is not null)
            await _laboratory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Peers show what they receive: nothing that a report cannot hold, and not all of it.</summary>
    private static string Printable(string line) =>
        string.Concat(line.Take(500).Select(c => c is >= ' ' and <= '~' ? c : '.'));
}
