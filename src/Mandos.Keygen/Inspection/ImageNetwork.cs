using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Inspection;

/// <summary>The network drivers in an image.</summary>
internal static class ImageNetwork
{
    private const string Subject = "network drivers";

    internal static void Check(InitramfsImage image, ImageModules modules, Report report)
    {
        if (modules.Kernels.Count == 0)
        {
            report.Warning(
                "network.modules", Subject, "the image contains no kernel modules: every driver must be in the kernel itself",
                "if the kernel has modules, install them (/lib/modules), and build the image again");
            return;
        }

        var before = report.Findings.Count;
        if (modules.NetworkDrivers == 0)
            report.Error(
                "network.none", Subject, "the image has no network driver",
                "install the modules of its kernel, and build the image again");
        if (!modules.Has("ipv6"))
            report.Warning(
                "network.ipv6", Subject, "the image has no module ipv6: servers are reached only if the machine gets an IPv4 address",
                image.Builder == ImageBuilder.Dracut
                    ? "build the image again with 'add_drivers+=\" ipv6 \"' in /etc/dracut.conf.d"
                    : "add the line 'ipv6' to /etc/initramfs-tools/modules, and build the image again");
        if (!report.HasProblemSince(before))
            report.Ok("network", Subject, $"{modules.NetworkDrivers} network drivers");
    }
}
