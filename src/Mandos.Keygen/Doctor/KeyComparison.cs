using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Doctor;

/// <summary>Whether an image has the keys of a directory.</summary>
internal static class KeyComparison
{
    /// <summary>The names of the key files that differ; a file that is missing in either place is not compared.</summary>
    internal static IReadOnlyList<string> Others(InitramfsImage image, string directory) =>
        image.Builder == ImageBuilder.Unknown ? [] : [.. ImageKeys.Names.Where(name => IsOther(image, directory, name))];

    private static bool IsOther(InitramfsImage image, string directory, string name) =>
        image.Find($"{ImageKeys.Directory(image)}/{name}")?.Digest is { } inImage
        && FileDigest.Of(Path.Combine(directory, name)) is { } here
        && !here.AsSpan().SequenceEqual(inImage);
}
