using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Mandos.Boot;

/// <summary>A test that boots machines. Skipped, saying so, only without root.</summary>
public abstract class BootTest : IAsyncLifetime
{
    /// <summary>More than any boot takes on a busy machine.</summary>
    protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly List<VirtualMachine> _guests = [];
    private Laboratory? _laboratory;
    private Site? _site;

    /// <summary>The segment of this test, with the machine for a server.</summary>
    protected Site Site => _site!;

    /// <summary>Ends with the test.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Laboratory.MayWork, "needs root, for network namespaces and chroots of its own: run 'make test', which asks for sudo");
        var output = TestContext.Current.TestOutputHelper!;
        _laboratory = new(line => output.WriteLine($"{TimeProvider.System.GetElapsedTime(_began).TotalSeconds,7:F3} {Printable(line)}"), Token);
        _site = await Site.MakeAsync(_laboratory);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var guest in _guests)
            await guest.DisposeAsync();
        if (_laboratory is not null)
            await _laboratory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Switches a guest on; it ends with the test.</summary>
    protected async Task<VirtualMachine> BootAsync(Initramfs initramfs, string options = "", bool plugged = true)
    {
        var guest = await Site.BootAsync(initramfs, options, plugged);
        _guests.Add(guest);
        return guest;
    }

    /// <summary>Consoles show what they like: nothing that a report cannot hold, and not all of it.</summary>
    private static string Printable(string line) =>
        string.Concat(line.Take(500).Select(c => c is >= ' ' and <= '~' ? c : '.'));
}
