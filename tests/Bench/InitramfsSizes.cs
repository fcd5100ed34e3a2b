namespace Mandos.Bench;

/// <summary>
/// What we, the original and other ways to unlock a disk from afar add to an initramfs: images of Debian 12's
/// initramfs-tools as a fresh system makes them, each on its own machine that differs in that one package.
/// </summary>
internal sealed class InitramfsSizes(Laboratory laboratory, Action<string> tell)
{
    private const string Original = "mandos-client";
    private const string Dropbear = "dropbear-initramfs";
    private const double Budget = 6.1e6;

    private static readonly string[] Packages = [Original, "clevis-initramfs", Dropbear];
    private static readonly DebianRelease Release = DebianRelease.Bookworm;

    /// <summary>Makes all images (seconds to a minute each) and tells what is in them.</summary>
    public async Task<string> SectionAsync()
    {
        var (none, added) = await AddedAsync("most", Packages);
        // A hook that brings drivers does so here.
        var (noneOfList, addedToList) = await AddedAsync("list", [Original]);
        var ours = added[0].Content;
        return Report.Format($"""
            Images that `update-initramfs` makes on Debian 12 with its defaults (`MODULES=most`, zstd), with cryptsetup-initramfs
            and the kernel of linux-image-cloud-amd64; each on a fresh system with the one package and what it depends on,
            nothing that it only recommends. Keys: RSA-4096, the same for us and the original. Links and directories are not
            counted. Drivers are what lies in lib/modules, the lists of them among it. {Whole(none)}

            {Table(added)}

            Budget: everything that we add, at most {Budget / 1e6:F1} MB: {ours.Bytes / 1e6:F2} MB, {Report.Verdict(ours.Bytes <= Budget)}.

            With `MODULES=list`, and nothing in that list, the hooks have to bring the drivers of the network. {Whole(noneOfList)}

            {Table(addedToList)}
            """);
    }

    private static string Whole(ImageContent none) => Report.Format(
        $"The image without\nany of them: {none.Files:N0} files of {none.Bytes:N0} bytes ({none.Modules:N0} of {none.ModuleBytes:N0} bytes are drivers); {none.Compressed:N0} bytes compressed.");

    private static string Table(IEnumerable<(string Name, ImageContent Content)> added) =>
        """
        | with | files added | bytes added | drivers among these | bytes added to the compressed image |
        |---|---|---|---|---|
        """ + string.Concat(added.Select(a => $"\n{Row(a.Name, a.Content)}"));

    private static string Row(string name, ImageContent added) => Report.Format(
        $"| {name} | {added.Files:N0} | {added.Bytes:N0} | {added.Modules:N0} files, {added.ModuleBytes:N0} bytes | {added.Compressed:N0} |");

    private async Task<(ImageContent None, List<(string Name, ImageContent Content)> Added)> AddedAsync(
        string modules, IEnumerable<string> packages)
    {
        var none = await MeasureAsync(modules, "nothing", _ => Task.CompletedTask);
        var added = new List<(string, ImageContent)> { ("ours", (await MeasureAsync(modules, "ours", InstallOursAsync)).Beyond(none)) };
        foreach (var package in packages)
            added.Add(($"Debian's {package}", (await MeasureAsync(modules, package, m => InstallAsync(m, package))).Beyond(none)));
        return (none, added);
    }

    private async Task<ImageContent> MeasureAsync(string modules, string name, Func<Machine, Task> installAsync)
    {
        tell($"initramfs with {name}, MODULES={modules}");
        // A laboratory each: what a machine has changed lies in memory.
        await using var own = new Laboratory(laboratory.Log, laboratory.Token);
        var machine = await own.MachineAsync("client", await SizesChroot.GetAsync(Release, Packages, laboratory.Token));
        await installAsync(machine);
        var text = await RunAsync(
            machine,
            $"""
            sed -i 's/^MODULES=.*/MODULES={modules}/' /etc/initramfs-tools/initramfs.conf
            update-initramfs -c -k $(ls /usr/lib/modules) >&2
            stat -c %s /boot/initrd.img-*
            unmkinitramfs /boot/initrd.img-* /tmp/unpacked
            find /tmp/unpacked -type f -printf '%i %s %P\n'
            """);
        return ImageContent.Parse(text);
    }

    private async Task InstallOursAsync(Machine machine)
    {
        await InstallKeysAsync(machine);
        await laboratory.ShellOnHostAsync($"{Golden.Root}/scripts/install.sh {machine.HostPath("")} /usr client >&2");
        await machine.ShellAsync(
            "useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin _mandos", laboratory.Token);
    }

    private async Task InstallAsync(Machine machine, string package)
    {
        if (package == Original)
            await InstallKeysAsync(machine);
        await RunAsync(machine, $"apt-get -y -o APT::Sandbox::User=root --no-install-recommends install /srv/{package}/*.deb >&2");
        // Without a user who may log in, it warns.
        if (package == Dropbear)
            await machine.ShellAsync(
                "cd /etc/dropbear/initramfs; dropbearkey -y -f dropbear_ed25519_host_key | grep ^ssh- >authorized_keys", laboratory.Token);
    }

    private async Task InstallKeysAsync(Machine machine)
    {
        (await KeySet.OfOriginalAsync(laboratory, Release)).InstallOn(machine);
        // The original's package would make these for minutes.
        machine.WriteFile($"{KeySet.Folder}/dhparams.pem", "not made anew\n");
        File.SetUnixFileMode(machine.HostPath(KeySet.Folder), (UnixFileMode)0b111_000_000);
    }

    private async Task<string> RunAsync(Machine machine, string commands)
    {
        var options = new ProcessOptions { Environment = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" } };
        return (await machine.RunAsync(options, TimeSpan.FromMinutes(9), laboratory.Token, "/bin/sh", "-euc", commands)).OrThrow().Text;
    }
}
