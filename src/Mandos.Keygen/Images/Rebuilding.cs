namespace Mandos.Keygen.Images;

/// <summary>The commands that build images again.</summary>
internal static class Rebuilding
{
    internal const string WithInitramfsTools = "update-initramfs -u -k all", WithDracut = "dracut --force --regenerate-all";

    /// <summary>For an image whose builder is not known.</summary>
    internal const string Any = $"'{WithInitramfsTools}', or with dracut '{WithDracut}'";

    /// <summary>What to do to build an image again.</summary>
    internal static string Of(InitramfsImage image) =>
        image.IsUnified
            ? "build the image and the unified kernel image again"
            : $"run '{(image.Builder == ImageBuilder.Dracut ? WithDracut : WithInitramfsTools)}'";
}
