using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>Proves the emulation itself: Debian's own client and server boot a guest.</summary>
public sealed class OriginalTests : BootTest
{
    [Theory]
    [InlineData(Generator.InitramfsTools)]
    [InlineData(Generator.DracutSystemd)]
    public async Task The_original_boots_a_guest_unattended(Generator generator)
    {
        var keys = await KeySet.OfOriginalAsync(Site.Laboratory, DebianRelease.Bookworm);
        await Site.ServeAsync(Implementation.Original, keys);
        var guest = await BootAsync(new() { Release = DebianRelease.Bookworm, Generator = generator, Software = GuestSoftware.Original, Keys = keys });
        var report = await GuestReport.WaitAsync(guest, Limit, Token);
        Assert.Contains("root", report.Of("open"));
        await guest.WaitForOffAsync(TimeSpan.FromSeconds(30), Token);
    }
}
