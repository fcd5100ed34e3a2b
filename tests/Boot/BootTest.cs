using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

// An emulated machine keeps one processor busy. Tests that compare times run alone (DisableParallelization).
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 2)]

namespace Mandos.Boot;

/// <summary>A test that boots machines. Skipped, saying so, only without root.</summary>
public abstract class BootTest : IAsyncLifetime
{
    /// <summary>Ten times of what a boot takes: a machine that is busy with other things is no failure.</summary>
    protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly Dictionary<string, string> Debug = new()
    {
        ["/etc/mandos/plugin-runner.conf"] = "--debug --options-for=mandos-client:--debug\n",
        ["/etc/systemd/system/ask-password-mandos.service.d/debug.conf"] =
            "[Service]\nEnvironment=MANDOS_CLIENT_OPTIONS=--debug\nStandardOutput=journal+console\nStandardError=journal+console\n",
    };

    private readonly long _began = TimeProvider.System.GetTimestamp();
    private Site? _site;

    /// <summary>The segment of this test, with the machine for a server.</summary>
    protected Site Site => _site!;

    /// <summary>Ends with the test.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(
            Laboratory.MayWork, "needs root, for network namespaces and chroots of its own: run 'make test', which asks for sudo");
        var output = TestContext.Current.TestOutputHelper!;
        _site = await Site.StartAsync(
            line => output.WriteLine($"{TimeProvider.System.GetElapsedTime(_began).TotalSeconds,7:F3} {Printable(line)}"), Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>An initramfs with our client and our keys. With $MANDOS_BOOT_DEBUG set it tells more.</summary>
    protected async Task<Initramfs> OursAsync(string suite, Generator generator) => new()
    {
        Release = DebianRelease.Named(suite),
        Generator = generator,
        Keys = await GuestKeys.OfOursAsync(Site.Laboratory),
        Files = Environment.GetEnvironmentVariable("MANDOS_BOOT_DEBUG") is { Length: > 0 } ? Debug : new Dictionary<string, string>(),
    };

    /// <summary>Waits until the guest runs from its decrypted root and has turned itself off.</summary>
    protected static async Task<GuestReport> ReportAsync(VirtualMachine guest)
    {
        var report = await GuestReport.WaitAsync(guest, Limit, Token);
        await guest.WaitForOffAsync(Limit, Token);
        return report;
    }

    /// <summary>Consoles show what they like: nothing that a report cannot hold, and not all of it.</summary>
    private static string Printable(string line) =>
        string.Concat(line.Take(500).Select(c => c is >= ' ' and <= '~' ? c : '.'));
}
