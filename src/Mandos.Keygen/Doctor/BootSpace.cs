using System.Globalization;
using Mandos.Keygen.Booting;
using Mandos.Keygen.Findings;

namespace Mandos.Keygen.Doctor;

/// <summary>Whether the next image fits into /boot: the builders write it beside the old one.</summary>
internal static class BootSpace
{
    private const string Subject = "space in /boot";
    private const double Million = 1e6;

    internal static void Check(Machine machine, BootTarget target, Func<string, long> freeSpace, Report report)
    {
        var directory = Path.GetDirectoryName(target.Image)!;
        if (!machine.IsFile(target.Image) || Free(machine.Real(directory), freeSpace) is not { } free)
            return;
        var size = new FileInfo(machine.Real(target.Image)).Length;
        if (free <= size)
            report.Warning(
                "boot.space", Subject,
                $"{directory} has {Megabytes(free)} left, and an image has {Megabytes(size)}: the next one will not fit",
                "remove kernels that are not needed ('apt autoremove --purge'), then build the image again");
        else
            report.Ok("boot.space", Subject, $"{directory} has {Megabytes(free)} left, enough for another image");
    }

    private static long? Free(string directory, Func<string, long> freeSpace)
    {
        try
        {
            return freeSpace(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Million:0} MB");
}
