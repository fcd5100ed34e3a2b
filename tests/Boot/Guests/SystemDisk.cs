namespace Mandos.Boot.Guests;

/// <summary>
/// The disk with the whole Debian system that an initramfs was made on, with that initramfs and its kernel: what programs find on a
/// machine that runs. Its keys are test keys, and it is not encrypted; the root that it is mounted in is.
/// </summary>
internal static class SystemDisk
{
    /// <summary>The file of the image.</summary>
    internal const string Name = "disk.img";

    /// <summary>Makes the disk on the machine.</summary>
    internal static string MakingScript => Script.Text("make-system.sh");

    /// <summary>Its image; made (half a minute) if it is not in the cache.</summary>
    public static async Task<string> ImageAsync(Initramfs initramfs, Laboratory laboratory)
    {
        var made = await initramfs.MakeAsync(laboratory);
        if (made.SystemDisk is { } disk)
            return disk;
        var script = MakingScript;
        var folder = await Cache.GetAsync(
            $"guest-system-{initramfs.Release.Suite}", $"1\n{script}\n{made.File}", MakeAsync, laboratory.Token);
        return Path.Combine(folder, Name);

        async Task MakeAsync(string target)
        {
            var machine = await laboratory.MachineAsync("system", made.System.Folder);
            using var staging = new StagingFolder();
            await initramfs.Software.StageAsync(staging.Path, laboratory.Token);
            await initramfs.PrepareAsync(machine, staging.Path, laboratory.Token);
            // With its mode. It is the newest file, as on the machine that it was made on.
            var image = machine.HostPath($"/boot/{Path.GetFileName(made.File)}-{made.System.KernelVersion}");
            File.Copy(made.File, image);
            File.SetLastWriteTimeUtc(image, TimeProvider.System.GetUtcNow().UtcDateTime);
            await MakeOfAsync(machine, target, laboratory.Token);
        }
    }

    /// <summary>Makes the disk of a machine as it is, which is of no other use afterwards.</summary>
    /// <returns>The image, in the folder.</returns>
    internal static async Task<string> MakeOfAsync(Machine machine, string folder, CancellationToken cancellationToken)
    {
        (await machine.RunAsync(
            new(), TimeSpan.FromMinutes(10), cancellationToken, "/bin/sh", "-c", MakingScript, "make-system.sh")).OrThrow();
        Directory.CreateDirectory(folder);
        var image = Path.Combine(folder, Name);
        File.Copy(machine.HostPath("/tmp/disk"), image);
        return image;
    }
}
