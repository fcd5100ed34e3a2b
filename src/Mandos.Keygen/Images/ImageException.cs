using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Images;

/// <summary>The image is damaged, or is no initramfs image at all.</summary>
/// <param name="message">What is wrong, and where.</param>
/// <param name="hint">What to do.</param>
internal sealed class ImageException(string message, string hint = ImageException.Rebuild) : KeygenException(message, hint)
{
    internal const string Rebuild = $"build it again: {Rebuilding.Any}";
}
