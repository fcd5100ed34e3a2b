using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Inspection;

/// <summary>The configuration of plugin-runner in an image (plugin-runner.conf(5mandos)).</summary>
internal static class RunnerConfiguration
{
    private const string Subject = "configuration";
    private const string Client = "mandos-client";

    /// <summary>Where it is; null if plugin-runner does not run.</summary>
    internal static string? PathIn(InitramfsImage image) => image.Builder != ImageBuilder.Dracut
        ? "conf/conf.d/mandos/plugin-runner.conf"
        : image.HasSystemd ? null : "etc/mandos/plugin-runner.conf";

    internal static void Check(InitramfsImage image, Report report)
    {
        if (PathIn(image) is not { } path)
            return;
        if (image.Find(path) is null)
            report.Error(
                "configuration.missing", Subject, $"/{path} is missing in the image: plugins run without their options",
                ImageException.Rebuild);
        else if (IsClientDisabled(image.Text(path)))
            report.Error(
                "configuration.disabled", Subject, $"/{path} in the image disables the plugin {Client}",
                $"remove '--disable={Client}' from /etc/mandos/plugin-runner.conf, and build the image again");
        else
            report.Ok("configuration", Subject, $"/{path} starts the plugin {Client}");
    }

    /// <summary>Of several options for the plugin, the last one counts.</summary>
    private static bool IsClientDisabled(string text)
    {
        var isDisabled = false;
        var words = Words(text);
        for (var i = 0; i < words.Count; i++)
        {
            var (name, value) = words[i].Split('=', 2) is [var option, var attached]
                ? (option, attached)
                : words[i].Length > 2 && words[i][0] == '-' && words[i][1] is 'd' or 'e'
                    ? (words[i][..2], words[i][2..])
                    : (words[i], i + 1 < words.Count ? words[i + 1] : "");
            if (value == Client && name is "--disable" or "-d" or "--enable" or "-e")
                isDisabled = name is "--disable" or "-d";
        }

        return isDisabled;
    }

    private static List<string> Words(string text) =>
    [
        .. text.Split('\n').SelectMany(
            static line => line.Split('#')[0].Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)),
    ];
}
