using System.Text.RegularExpressions;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Inspection;

/// <summary>What starts the client in an image: scripts of initramfs-tools, hooks and units of dracut.</summary>
internal static partial class StartScripts
{
    private const string Subject = "start scripts";

    internal static void Check(InitramfsImage image, Report report)
    {
        var before = report.Findings.Count;
        if (image.Builder == ImageBuilder.Dracut)
            CheckDracut(image, report);
        else
        {
            foreach (var stage in new[] { "init-premount", "local-premount", "init-bottom" })
                CheckScript(image, stage, report);
        }

        if (!report.HasProblemSince(before))
            report.Ok("scripts", Subject, "the client is started at boot");
    }

    private static void CheckScript(InitramfsImage image, string stage, Report report)
    {
        var path = $"scripts/{stage}/mandos";
        var order = $"scripts/{stage}/ORDER";
        if (image.Find(path) is not { IsExecutable: true })
            Missing(path, report);
        else if (image.Find(order) is not null && !image.Text(order).Contains($"/{path} ", StringComparison.Ordinal))
            report.Error("scripts.order", Subject, $"/{order} in the image does not run /{path}", ImageException.Rebuild);
    }

    private static void CheckDracut(InitramfsImage image, Report report)
    {
        if (!image.Entries.Any(entry => CommandLineHook().IsMatch(entry.Path)))
            Missing("lib/dracut/hooks/cmdline/20-mandos-cmdline.sh", report);
        string[] needed = image.HasSystemd
            ? ["lib/systemd/system/ask-password-mandos.service", "lib/systemd/system/sysinit.target.wants/ask-password-mandos.path"]
            : ["lib/mandos/ask-for-password.sh", "lib/dracut-crypt-lib.sh"];
        foreach (var path in needed.Where(path => image.Find(path) is not { IsFile: true }))
            Missing(path, report);
    }

    private static void Missing(string path, Report report) =>
        report.Error(
            "scripts.missing", Subject, $"/{path} is missing in the image, or cannot be executed: the client is not started",
            "reinstall the package mandos-client-dotnet, which builds the image again");

    [GeneratedRegex("lib/dracut/hooks/cmdline/[0-9]+-mandos-cmdline\\.sh$")]
    private static partial Regex CommandLineHook();
}
