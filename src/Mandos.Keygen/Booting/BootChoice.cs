using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Booting;

/// <summary>Finds out what the boot loader will load by default.</summary>
internal static class BootChoice
{
    /// <summary>Finds it; null if there is no kernel.</summary>
    internal static BootTarget? Find(Machine machine)
    {
        var grub = GrubConfiguration.PathOn(machine);
        if ((grub is null || LoaderEntries.IsInUse(machine)) && LoaderEntries.Find(machine) is { } entry)
            return entry;
        if (grub is not null && GrubConfiguration.Find(machine, grub) is { } target)
            return target;
        if (grub is null && Linked(machine) is { } linked)
            return linked;
        return Kernels.Installed(machine) is [var newest, ..]
            ? new(newest, Kernels.ImageOf(machine, newest), "the newest kernel in /boot", Fallback(machine))
            : null;
    }

    /// <summary>/vmlinuz and /initrd.img, for boot loaders with a fixed configuration.</summary>
    private static BootTarget? Linked(Machine machine)
    {
        foreach (var directory in new[] { "/", "/boot/" })
        {
            if (machine.Follow(directory, "vmlinuz") is { } kernel && machine.Follow(directory, "initrd.img") is { } image)
                return new(Kernels.ReleaseIn(kernel), image, $"the link {directory}initrd.img", Fallback(machine));
        }

        return null;
    }

    private static CommandLineSource[] Fallback(Machine machine) =>
        GrubConfiguration.Defaults(machine).ToArray() is { Length: > 0 } defaults
            ? defaults
            : [new("/proc/cmdline", machine.Text("/proc/cmdline"), "change the configuration of the boot loader")];
}
