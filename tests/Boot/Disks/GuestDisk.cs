using System.Security.Cryptography;
using Mandos.Boot.Guests;

namespace Mandos.Boot.Disks;

/// <summary>A LUKS2 disk with a small file system: the root of a guest, whose init tells what it finds, or one more disk.</summary>
/// <param name="Name">What the open disk is called: <c>root</c> or <c>data</c>.</param>
/// <param name="LuksId">The UUID of the LUKS2 header.</param>
public sealed record GuestDisk(string Name, string LuksId)
{
    /// <summary>What opens every disk of the guests.</summary>
    public const string Password = "boats anchor in 7 quiet bays";

    /// <summary>The root.</summary>
    public static GuestDisk Root { get; } = new("root", "6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001");

    /// <summary>A second disk, empty but for its file system.</summary>
    public static GuestDisk Data { get; } = new("data", "6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c002");

    private const int FileSystemSize = 16 << 20;

    /// <summary>What the open disk is called in the initramfs: the scripts of dracut 059 do not look it up in crypttab.</summary>
    public string NameWith(Initramfs initramfs) =>
        (initramfs.Generator, initramfs.Release.Suite) is (Generator.DracutShell, "bookworm") ? $"luks-{LuksId}" : Name;

    /// <summary>The image; made (a few seconds) if it is not in the cache.</summary>
    public async Task<string> ImageAsync(Laboratory laboratory) =>
        await ImageAsync(laboratory, await GuestSystem.GetAsync(DebianRelease.Bookworm, Generator.InitramfsTools, laboratory.Token));

    /// <summary>The same, made on that system: its static busybox, its mke2fs and its cryptsetup are used.</summary>
    public async Task<string> ImageAsync(Laboratory laboratory, GuestSystem system)
    {
        var (script, init) = (Script.Text("make-disk.sh"), Script.Text("guest-init.sh"));
        var folder = await Cache.GetAsync(
            $"disk-{Name}", $"1\n{script}\n{init}\n{LuksId}\n{Password}\n{FileSystemSize}\n{system.Folder}", MakeAsync, laboratory.Token);
        return Path.Combine(folder, "disk.img");

        async Task MakeAsync(string target)
        {
            var machine = await laboratory.MachineAsync($"disk-{Name}", system.Folder);
            var volumeKey = RandomNumberGenerator.GetBytes(64);
            machine.WriteFile("/tmp/volume-key", volumeKey);
            machine.WriteFile("/tmp/password", Password);
            machine.WriteFile("/tmp/init", init);
            (await machine.RunAsync(
                new(), TimeSpan.FromMinutes(1), laboratory.Token, "/bin/sh", "-c", script, "make-disk.sh", Name, LuksId,
                Number(FileSystemSize))).OrThrow();
            var fileSystem = machine.ReadFile("/tmp/file-system");
            using (var cipher = new XtsSectors(volumeKey))
                cipher.Encrypt(fileSystem, first: 0);
            Directory.CreateDirectory(target);
            var image = Path.Combine(target, "disk.img");
            File.Copy(machine.HostPath("/tmp/disk"), image);
            await using var file = new FileStream(image, FileMode.Append);
            await file.WriteAsync(fileSystem, laboratory.Token);
        }
    }

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
