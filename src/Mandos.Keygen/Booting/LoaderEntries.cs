using System.IO.Enumeration;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Booting;

/// <summary>
/// The entries of a boot loader that follows the Boot Loader Specification, such as systemd-boot: files that name kernel and image, and
/// unified kernel images.
/// </summary>
internal static class LoaderEntries
{
    private static readonly string[] Partitions = ["/boot/efi", "/efi", "/boot"];

    /// <summary>Whether systemd-boot started this machine: it sets this EFI variable.</summary>
    internal static bool IsInUse(Machine machine) =>
        machine.IsFile("/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f");

    /// <summary>The entry that is loaded by default: that in loader.conf, or the newest; null if there is none.</summary>
    internal static BootTarget? Find(Machine machine)
    {
        var all = All(machine);
        foreach (var partition in Partitions)
        {
            if (Value(machine.Text($"{partition}/loader/loader.conf"), "default") is { } pattern
                && all.FirstOrDefault(target => IsNamed(target, pattern)) is { } wanted)
                return wanted;
        }

        return all.Count > 0 ? all[0] : null;
    }

    /// <summary>All entries, the newest first.</summary>
    internal static IReadOnlyList<BootTarget> All(Machine machine) =>
        [.. Partitions.SelectMany(partition => In(machine, partition)).OrderByDescending(target => target.Kernel, VersionOrder.Instance)];

    private static bool IsNamed(BootTarget target, string pattern)
    {
        var name = Path.GetFileName(target.Source);
        return FileSystemName.MatchesSimpleExpression(pattern, name)
            || FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileNameWithoutExtension(name));
    }

    private static IEnumerable<BootTarget> In(Machine machine, string partition)
    {
        foreach (var file in machine.In($"{partition}/loader/entries").Where(file => file.EndsWith(".conf", StringComparison.Ordinal)))
        {
            var text = machine.Text(file);
            if (Value(text, "initrd") is { } image && Value(text, "linux") is { } kernel)
                yield return new(
                    Value(text, "version") ?? Kernels.ReleaseIn(kernel), partition + "/" + image.TrimStart('/'), file,
                    [new(file, Value(text, "options") ?? "", $"edit {file}, and /etc/kernel/cmdline for later kernels"), .. Next(machine)]);
        }

        foreach (var file in machine.In($"{partition}/EFI/Linux").Where(file => file.EndsWith(".efi", StringComparison.OrdinalIgnoreCase)))
            yield return new(Path.GetFileNameWithoutExtension(file), file, file, [.. Next(machine)]);
    }

    private static IEnumerable<CommandLineSource> Next(Machine machine)
    {
        const string file = "/etc/kernel/cmdline";
        if (machine.IsFile(file))
            yield return new(file, machine.Text(file), $"edit {file}, and install the kernel again");
    }

    /// <summary>The value of a key; of several lines the last one.</summary>
    private static string? Value(string text, string key) =>
        text.Split('\n')
            .Select(line => line.Trim().Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .LastOrDefault(words => words.Length == 2 && words[0] == key)?[1];
}
