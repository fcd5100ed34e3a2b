using Mandos.Boot.Disks;

namespace Mandos.Boot;

/// <summary>Our own encryption of sectors, beside the standard's numbers; that the kernel reads it, every boot proves.</summary>
public sealed class XtsSectorsTests
{
    [Fact]
    public void Sectors_are_encrypted_as_in_IEEE_1619()
    {
        // IEEE 1619-2007, appendix B, vector 10: AES-256-XTS, data unit 0xff.
        using var cipher = new XtsSectors(Convert.FromHexString(
            "27182818284590452353602874713526624977572470936999595749669676273141592653589793238462643383279502884197169399375105820974944592"));
        var sector = Enumerable.Range(0, XtsSectors.SectorSize).Select(i => (byte)i).ToArray();
        cipher.Encrypt(sector, first: 0xff);
        Assert.Equal("1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b", Convert.ToHexStringLower(sector[..32]));
    }

    [Fact]
    public void Every_sector_is_encrypted_with_its_own_number()
    {
        using var cipher = new XtsSectors([.. Enumerable.Range(0, 64).Select(i => (byte)i)]);
        var together = new byte[3 * XtsSectors.SectorSize];
        cipher.Encrypt(together, first: 7);
        for (var i = 0; i < 3; i++)
        {
            var alone = new byte[XtsSectors.SectorSize];
            cipher.Encrypt(alone, first: 7 + (ulong)i);
            Assert.Equal(alone, together[(i * XtsSectors.SectorSize)..((i + 1) * XtsSectors.SectorSize)]);
        }
    }
}
