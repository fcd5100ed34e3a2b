using System.Security.Cryptography;
using System.Text;

namespace Mandos.Boot.Guests;

/// <summary>The disks of a guest that runs Debian with systemd and our server and mandos-web, installed from their packages.</summary>
internal static class ServerDisk
{
    private const int Sector = 512;

    private static readonly string[] Installed = [PublishedPackages.Server, PublishedPackages.Web];

    /// <summary>What starts its systemd from the first disk; without a login, which would hang up on the report.</summary>
    public const string CommandLine =
        "console=ttyS0 quiet mitigations=off random.trust_cpu=on cryptomgr.notests panic=-1 net.ifnames=0 root=/dev/vda rw "
        + "init=/lib/systemd/systemd systemd.unit=multi-user.target systemd.firstboot=off systemd.show_status=0 systemd.mask=serial-getty@ttyS0.service";

    /// <summary>The system; made (half a minute) if it is not in the cache.</summary>
    public static async Task<string> SystemAsync(DebianRelease release, Laboratory laboratory)
    {
        var chroot = await ServiceChroot.GetAsync(release, laboratory.Token);
        var packages = new List<byte[]>();
        foreach (var name in Installed)
            packages.Add(await File.ReadAllBytesAsync(PublishedPackages.File(name), laboratory.Token));
        var sums = string.Join(' ', packages.Select(package => Convert.ToHexStringLower(SHA256.HashData(package))));
        var script = Script.Text("make-server.sh");
        var folder = await Cache.GetAsync(
            $"server-{release.Suite}",
            $"3\n{script}\n{chroot}\n{sums}",
            MakeAsync, laboratory.Token);
        return Path.Combine(folder, "disk.img");

        async Task MakeAsync(string target)
        {
            var machine = await laboratory.MachineAsync("make-server", chroot);
            foreach (var (name, package) in Installed.Zip(packages))
                machine.WriteFile($"/root/{name}.deb", package);
            (await machine.RunAsync(
                new() { LogOutput = true }, TimeSpan.FromMinutes(10), laboratory.Token, "/bin/sh",
                ["-c", script, "make-server.sh", .. Installed.Select(name => $"/root/{name}.deb")])).OrThrow();
            Directory.CreateDirectory(target);
            File.Copy(machine.HostPath("/tmp/disk"), Path.Combine(target, "disk.img"));
        }
    }

    /// <summary>The second disk: a file of whole sectors that holds its clients.conf.</summary>
    public static async Task WriteClientsAsync(string file, string clients, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetBytes(clients);
        var sectors = new byte[(text.Length + Sector - 1) / Sector * Sector];
        text.CopyTo(sectors, 0);
        await File.WriteAllBytesAsync(file, sectors, cancellationToken);
    }
}
