using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Inspection;

/// <summary>The key files in an image.</summary>
internal static class ImageKeys
{
    internal static readonly IReadOnlyList<string> Names =
        [KeyDirectory.SecretKey, KeyDirectory.PublicKey, KeyDirectory.TlsPrivateKey, KeyDirectory.TlsPublicKey];

    private const string Subject = "keys";

    /// <summary>Where they are.</summary>
    internal static string Directory(InitramfsImage image) =>
        image.Builder == ImageBuilder.Dracut ? "etc/mandos/keys" : "conf/conf.d/mandos";

    /// <summary>Checks that they exist, and that only root can read them.</summary>
    internal static void Check(InitramfsImage image, Report report)
    {
        var before = report.Findings.Count;
        var shared = new List<string>();
        foreach (var name in Names)
        {
            var path = $"{Directory(image)}/{name}";
            if (image.Find(path) is not { IsFile: true, Size: > 0 } file)
                report.Error(
                    "keys.missing", Subject, $"the key file /{path} in the image is missing or empty",
                    "run 'mandos-keygen --check' on the machine, fix what it reports, and build the image again");
            else if (!file.IsPrivate)
                shared.Add($"/{path} (mode {file.Permissions}, owner {file.Owner}:{file.Group})");
        }

        if (shared.Count > 0)
            report.Warning(
                "keys.mode", Subject, $"users other than root can use these files in the image: {string.Join(", ", shared)}",
                "build the image again; the hooks of this package make them 0600 and root's");

        if (image.IsPublic)
            report.Warning(
                "image.mode", "image", $"other users can read {image.File}, and the secret keys in it",
                image.IsUnified ? "mount its file system with umask=0077" : $"run 'chmod 600 {image.File}'");
        if (!report.HasProblemSince(before))
            report.Ok("keys", Subject, $"{Names.Count} key files in /{Directory(image)}, for root only");
    }
}
