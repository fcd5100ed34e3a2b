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
        var guest = await Site.BootAsync(
            new() { Release = DebianRelease.Bookworm, Generator = generator, Software = GuestSoftware.Original, Keys = keys });
        Assert.Equal(["root"], (await ReportAsync(guest)).Of("open"));
        Assert.Equal(1, Site.Delivered());
    }
}
