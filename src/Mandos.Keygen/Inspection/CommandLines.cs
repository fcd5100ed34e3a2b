using Mandos.Core.Text;
using Mandos.Keygen.Findings;

namespace Mandos.Keygen.Inspection;

/// <summary>What the kernel command line means for the client.</summary>
internal static class CommandLines
{
    private const string Subject = "kernel command line";

    private static readonly string[] Off = ["off", "no", "0"], On = ["on", "yes", "1", "connect"];

    internal static void Check(IReadOnlyList<CommandLineSource> sources, Report report)
    {
        var before = report.Findings.Count;
        foreach (var source in sources)
        {
            foreach (var value in source.Values("mandos"))
            {
                foreach (var setting in value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
                    CheckSetting(source, setting, report);
            }

            if (source.Values("ipv6.disable").Contains("1") || source.Values("ipv6.disable_ipv6").Contains("1"))
                report.Warning(
                    "command-line.ipv6", Subject,
                    $"IPv6 is off ({source.Place}): servers are reached only if the machine gets an IPv4 address",
                    $"remove ipv6.disable=1: {source.Fix}");
        }

        if (sources.Count > 0 && !report.HasProblemSince(before))
            report.Ok(
                "command-line", Subject,
                $"nothing turns the client off in {string.Join(", ", sources.Select(source => source.Place))}");
    }

    private static void CheckSetting(CommandLineSource source, string setting, Report report)
    {
        if (Off.Contains(setting, StringComparer.OrdinalIgnoreCase))
            report.Error(
                "command-line.off", Subject, $"mandos={setting} turns the client off ({source.Place})",
                $"remove mandos={setting}: {source.Fix}");
        // Addresses of servers are checked by the client, which ignores those that are invalid.
        else if (!On.Contains(setting, StringComparer.OrdinalIgnoreCase) && !setting.AsSpan().ContainsAny(':', '.'))
            report.Warning(
                "command-line.unknown", Subject, $"mandos={PrintableText.Of(setting)} is not a known setting ({source.Place})",
                $"write off, connect or connect:ADDRESS:PORT: {source.Fix}");
    }
}
