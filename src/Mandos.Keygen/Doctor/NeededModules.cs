using Mandos.Keygen.Booting;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Doctor;

/// <summary>The kernel modules that devices of the machine need, as far as the image lacks them.</summary>
internal sealed class NeededModules
{
    private const int Depth = 64;

    private readonly Machine _machine;
    private readonly ImageModules _inImage;
    private readonly Dictionary<string, string[]> _dependencies = new(StringComparer.Ordinal);

    internal NeededModules(Machine machine, InitramfsImage image, ImageModules inImage)
    {
        (_machine, _inImage) = (machine, inImage);
        foreach (var kernel in inImage.Kernels)
        {
            var complete = machine.Text($"/lib/modules/{kernel}/modules.dep");
            Read(complete.Length > 0 ? complete : image.Text($"lib/modules/{kernel}/modules.dep"));
        }

        IsDracut = image.Builder == ImageBuilder.Dracut;
        Rebuild = Rebuilding.Of(image);
    }

    internal bool IsDracut { get; }

    internal string Rebuild { get; }

    /// <summary>False if the image has no modules, so that nothing can be said.</summary>
    internal bool IsKnown => _inImage.Kernels.Count > 0;

    /// <summary>The modules that a device and those above it need, and that the image lacks.</summary>
    /// <param name="device">The directory of the device below /sys/devices.</param>
    internal IReadOnlyList<string> MissingFor(string device)
    {
        var missing = new List<string>();
        for (var directory = device; directory.Length > "/sys/devices".Length; directory = Path.GetDirectoryName(directory)!)
        {
            // A driver in the kernel itself has no module.
            if (_machine.Follow(directory, "driver") is { } driver && _machine.Follow(driver, "module") is { } module)
                AddMissing(ImageModules.Plain(module), missing, Depth);
        }

        return missing;
    }

    /// <summary>What adds modules to the image.</summary>
    internal string Fix(IEnumerable<string> modules) => IsDracut
        ? $"put add_drivers+=\" {string.Join(' ', modules)} \" into /etc/dracut.conf.d/mandos.conf, and {Rebuild}"
        : $"add to /etc/initramfs-tools/modules: {string.Join(' ', modules)} (one on each line), and {Rebuild}";

    private void AddMissing(string name, List<string> missing, int depth)
    {
        if (depth == 0 || missing.Contains(name))
            return;
        if (!_inImage.Has(name))
            missing.Add(name);
        foreach (var dependency in _dependencies.GetValueOrDefault(name, []))
            AddMissing(dependency, missing, depth - 1);
    }

    /// <summary>Lines of depmod(8): <c>kernel/x/a.ko: kernel/y/b.ko kernel/z/c.ko</c>.</summary>
    private void Read(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(':', 2) is [var module, var needed])
                _dependencies[ImageModules.Plain(module)] =
                    [.. needed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ImageModules.Plain)];
        }
    }
}
