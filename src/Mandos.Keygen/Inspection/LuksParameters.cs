namespace Mandos.Keygen.Inspection;

/// <summary>The parameters of the kernel command line that name the encrypted disks that dracut opens (dracut.cmdline(7)).</summary>
internal static class LuksParameters
{
    private static readonly string[] Names = ["rd.luks.uuid", "luks.uuid", "rd.luks.name", "luks.name"];

    /// <summary>The beginnings of the UUIDs of the disks, in hexadecimal digits.</summary>
    internal static IEnumerable<string> In(IReadOnlyList<CommandLineSource> commandLines) =>
        Names.SelectMany(name => commandLines.SelectMany(line => line.Values(name)))
            // A name may follow the UUID.
            .Select(value => Digits(value.Split('=')[0].Replace("luks-", "", StringComparison.Ordinal)))
            .Where(digits => digits.Length > 0);

    /// <summary>The hexadecimal digits of a UUID.</summary>
    internal static string Digits(string id) => id.Replace("-", "", StringComparison.Ordinal).Trim('"').ToLowerInvariant();
}
