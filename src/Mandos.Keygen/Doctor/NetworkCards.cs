using Mandos.Keygen.Booting;
using Mandos.Keygen.Findings;

namespace Mandos.Keygen.Doctor;

/// <summary>The network cards that are in use, and their drivers in the image.</summary>
internal static class NetworkCards
{
    private const string Subject = "network cards";
    private const string Network = "/sys/class/net";

    internal static void Check(Machine machine, NeededModules modules, Report report)
    {
        // Interfaces without hardware, such as bridges, have no device.
        var cards = machine.In(Network).Select(path => Path.GetFileName(path)).Where(name => DeviceOf(machine, name) is not null).ToList();
        if (cards.Count == 0)
        {
            report.Warning(
                "network.no-card", Subject, "this machine has no network card",
                "if it gets one only at boot, write a network hook, see mandos-client(8mandos)");
            return;
        }

        var used = cards.Where(name => machine.Text($"{Network}/{name}/operstate").Trim() is "up" or "unknown").ToList();
        var before = report.Findings.Count;
        if (used.Count == 0)
            report.Warning(
                "network.down", Subject, $"no network card is up ({string.Join(", ", cards)})", "connect the machine to the network");
        foreach (var name in used.Count > 0 ? used : cards)
            Check(machine, name, modules, report);
        if (modules.IsKnown && !report.HasProblemSince(before))
            report.Ok("network.cards", Subject, $"the image has the drivers of {string.Join(", ", used)}");
    }

    private static void Check(Machine machine, string name, NeededModules modules, Report report)
    {
        if (modules.IsKnown && modules.MissingFor(DeviceOf(machine, name)!) is { Count: > 0 } missing)
            report.Error(
                "network.driver", Subject, $"the image lacks modules that the network card {name} needs: {string.Join(", ", missing)}",
                modules.Fix(missing));
        if (IsWireless(machine, name) && machine.In("/etc/mandos/network-hooks.d").Count == 0)
            report.Warning(
                "network.wireless", Subject, $"{name} is a wireless card, and no network hook connects it at boot",
                "install the example network hook 'wireless', see mandos-client(8mandos), or connect a cable");
    }

    private static bool IsWireless(Machine machine, string name) =>
        machine.IsDirectory($"{Network}/{name}/wireless") || machine.IsDirectory($"{Network}/{name}/phy80211");

    /// <summary>The directory of the hardware below /sys/devices.</summary>
    private static string? DeviceOf(Machine machine, string name) =>
        machine.Follow(Network, name) is { } link ? machine.Follow(link, "device") : null;
}
