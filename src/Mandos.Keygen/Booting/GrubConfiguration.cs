using System.Text.RegularExpressions;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Booting;

/// <summary>What GRUB loads if no key is pressed, as far as its configuration is simple.</summary>
internal static partial class GrubConfiguration
{
    private const string Fix = "edit GRUB_CMDLINE_LINUX in /etc/default/grub, and run 'update-grub'";

    private static readonly string[] Places = ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];

    /// <summary>The file; null if GRUB is not configured.</summary>
    internal static string? PathOn(Machine machine) => Places.FirstOrDefault(machine.IsFile);

    /// <summary>The first entry, if that is the default; otherwise null.</summary>
    internal static BootTarget? Find(Machine machine, string path)
    {
        if (!IsFirstDefault(machine))
            return null;
        var text = machine.Text(path);
        var entry = text.IndexOf("menuentry ", StringComparison.Ordinal);
        if (entry < 0)
            return null;
        text = text[entry..];
        if (Linux().Match(text) is not { Success: true } linux || Initrd().Match(text) is not { Success: true } initrd)
            return null;
        // The path begins at the root of the file system of /boot. The last file is not the microcode.
        var image = initrd.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];
        var line = new CommandLineSource(path, linux.Groups[2].Value, Fix);
        return new(Kernels.ReleaseIn(linux.Groups[1].Value), "/boot/" + Path.GetFileName(image), path, [line, .. Defaults(machine)]);
    }

    /// <summary>The settings that the next grub.cfg is made of.</summary>
    internal static IEnumerable<CommandLineSource> Defaults(Machine machine)
    {
        foreach (var file in SettingFiles(machine))
        {
            var values = Setting().Matches(machine.Text(file)).Select(match => match.Groups["value"].Value).ToList();
            if (values.Count > 0)
                yield return new(file, string.Join(' ', values), $"edit {file}, and run 'update-grub'");
        }
    }

    private static bool IsFirstDefault(Machine machine)
    {
        var wanted = SettingFiles(machine)
            .SelectMany(file => Default().Matches(machine.Text(file)).Select(match => match.Groups["value"].Value))
            .LastOrDefault("0");
        if (wanted == "saved")
            wanted = Saved().Match(machine.Text("/boot/grub/grubenv")) is { Success: true } saved ? saved.Groups[1].Value : "0";
        return wanted is "0" or "";
    }

    private static IEnumerable<string> SettingFiles(Machine machine) =>
        machine.In("/etc/default/grub.d").Where(file => file.EndsWith(".cfg", StringComparison.Ordinal)).Prepend("/etc/default/grub");

    [GeneratedRegex(@"^\s*linux(?:efi)?\s+(\S+)[ \t]*([^\n]*)$", RegexOptions.Multiline)]
    private static partial Regex Linux();

    [GeneratedRegex(@"^\s*initrd(?:efi)?[ \t]+(\S[^\n]*)$", RegexOptions.Multiline)]
    private static partial Regex Initrd();

    [GeneratedRegex("""^\s*GRUB_CMDLINE_LINUX(?:_DEFAULT)?=(["']?)(?<value>.*?)\1\s*$""", RegexOptions.Multiline)]
    private static partial Regex Setting();

    [GeneratedRegex("""^\s*GRUB_DEFAULT=(["']?)(?<value>.*?)\1\s*$""", RegexOptions.Multiline)]
    private static partial Regex Default();

    [GeneratedRegex("^saved_entry=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Saved();
}
