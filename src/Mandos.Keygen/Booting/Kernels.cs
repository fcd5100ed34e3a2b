namespace Mandos.Keygen.Booting;

/// <summary>The kernels in /boot.</summary>
internal static class Kernels
{
    private const string Prefix = "/boot/vmlinuz-";

    /// <summary>The releases of the installed kernels, the newest first.</summary>
    internal static IReadOnlyList<string> Installed(Machine machine) =>
    [
        .. machine.In("/boot")
            .Where(path => path.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(path => path[Prefix.Length..])
            .OrderDescending(VersionOrder.Instance),
    ];

    /// <summary>The initramfs image of a kernel: where Debian and others have it. That of Debian if there is none.</summary>
    internal static string ImageOf(Machine machine, string kernel)
    {
        string[] places = [$"/boot/initrd.img-{kernel}", $"/boot/initramfs-{kernel}.img", $"/boot/initrd-{kernel}"];
        return places.FirstOrDefault(machine.IsFile) ?? places[0];
    }

    /// <summary>The release in the name of a kernel or an image.</summary>
    internal static string ReleaseIn(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        foreach (var prefix in new[] { "vmlinuz-", "initrd.img-", "initramfs-", "linux-" })
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return name[prefix.Length..].Replace(".img", "", StringComparison.Ordinal);
        }

        return name;
    }
}
