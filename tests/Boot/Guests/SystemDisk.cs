namespace Mandos.Boot.Guests;

/// <summary>
/// The disk with the whole Debian system that an initramfs was made on, with that initramfs and its kernel: what programs find on a
/// machine that runs. Its keys are test keys, and it is not encrypted; the root that it is mounted in is.
/// </summary>
internal static class SystemDisk
{
    /// <summary>Its image; made (half a minute) if it is not in the cache.</summary>
    public static async Task<string> ImageAsync(Initramfs initramfs, Laboratory laboratory)
    {
        var made = await initramfs.MakeAsync(laboratory);
        var script = Script.Text("make-system.sh");
        var folder = await Cache.GetAsync(
            $"guest-system-{initramfs.Release.Suite}", $"1\n{script}\n{made.File}", MakeAsync, laboratory.Token);
        return Path.Combine(folder, "disk.img");

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
            (await machine.RunAsync(
                new(), TimeSpan.FromMinutes(10), laboratory.Token, "/bin/sh", "-c", script, "make-system.sh")).OrThrow();
            Directory.CreateDirectory(target);
            File.Copy(machine.HostPath("/tmp/disk"), Path.Combine(target, "disk.img"));
        }
    }
}
