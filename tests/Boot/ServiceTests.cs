using System.Text;
using Mandos.Boot.Disks;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>Our server as a real systemd runs it, as the first process of a machine of its own.</summary>
public sealed class ServiceTests : BootTest
{
    [Fact]
    public async Task Systemd_starts_the_server_of_the_package_and_both_clients_find_it()
    {
        var keys = await GuestKeys.OfOursAsync(Site.Laboratory);
        using var clients = new TemporaryFile();
        await ServerDisk.WriteClientsAsync(clients.Path, await Site.StanzaAsync(keys), Token);
        var initramfs = new Initramfs
        {
            Release = DebianRelease.Bookworm,
            Generator = Generator.InitramfsTools,
            Software = GuestSoftware.None,
            Keys = keys,
            Disks = [],
        };
        var guest = await Site.BootAsync(initramfs, ServerDisk.CommandLine, [await ServerDisk.SystemAsync(DebianRelease.Bookworm, Site.Laboratory), clients.Path]);
        var report = await Emulation.GuestReport.WaitAsync(guest, Limit, Token);
        Assert.Equal(["systemd"], report.Of("init"));
        Assert.Equal(["active"], report.Of("active"));
        Assert.Equal(["enabled"], report.Of("enabled"));
        Assert.Equal(["_mandos"], report.Of("user").Select(u => u.Trim()));
        Assert.Equal(["0000000000000000"], report.Of("rights"));

        // Neither is told where it is. The machine beside it has both programs.
        keys.InstallOn(Site.Server);
        foreach (var implementation in (Implementation[])[Implementation.Ours, Implementation.Original])
        {
            await using var client = MandosClient.Start(Site.Server, implementation, "--interface=eth0");
            var fetched = await client.WaitAsync(TimeSpan.FromMinutes(1), Token);
            Assert.Equal(GuestDisk.Password, Encoding.UTF8.GetString(fetched.OrThrow().Output));
        }
    }

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
