using Mandos.Keygen.Failures;
using Mandos.Keygen.Images;
using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Enrolment;

/// <summary>The initramfs images of this machine.</summary>
internal interface IInitramfsImages
{
    /// <summary>The images of kernels that are installed.</summary>
    IReadOnlyList<string> List();

    /// <summary>Whether an image is older than a file.</summary>
    bool IsOlder(string image, string file);

    /// <summary>Builds all images again, and returns the command for it.</summary>
    /// <exception cref="KeygenException">They were not built.</exception>
    Task<string> RebuildAsync(CancellationToken cancellationToken);

    /// <summary>Why an image cannot fetch a password with the keys of a directory; empty if it can.</summary>
    /// <exception cref="KeygenException">The image cannot be read.</exception>
    Task<IReadOnlyList<string>> FaultsAsync(string image, string keys, CancellationToken cancellationToken);
}

/// <summary>Looks into an initramfs image.</summary>
internal interface IImageCheck
{
    /// <summary>Why an image cannot fetch a password with the keys of a directory; empty if it can.</summary>
    /// <exception cref="KeygenException">The image cannot be read.</exception>
    Task<IReadOnlyList<string>> FaultsAsync(string image, string keys, CancellationToken cancellationToken);
}

/// <summary>The images in /boot, built by initramfs-tools or dracut.</summary>
internal sealed class InitramfsImages(IPrograms programs, IImageCheck check) : IInitramfsImages
{
    private const string Boot = "/boot";

    // The names of Debian, and of dracut elsewhere.
    private static readonly (string Prefix, string Suffix)[] Names = [("initrd.img-", ""), ("initramfs-", ".img")];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        if (!Directory.Exists(Boot))
            return [];
        return [
            .. Directory.EnumerateFiles(Boot).Order(StringComparer.Ordinal).Where(
                path => Kernel(Path.GetFileName(path)) is { Length: > 0 } kernel
                    && (Directory.Exists($"/lib/modules/{kernel}") || Directory.Exists($"/usr/lib/modules/{kernel}")))];
    }

    /// <inheritdoc/>
    public bool IsOlder(string image, string file) => File.GetLastWriteTimeUtc(image) < File.GetLastWriteTimeUtc(file);

    /// <inheritdoc/>
    public async Task<string> RebuildAsync(CancellationToken cancellationToken)
    {
        var command = programs.Has("mkinitramfs") && programs.Has("update-initramfs") ? Rebuilding.WithInitramfsTools
            : programs.Has("dracut") ? Rebuilding.WithDracut
            : throw new KeygenException(
                "neither update-initramfs nor dracut is installed", "rebuild the initramfs with the program of this system");
        var words = command.Split(' ');
        var call = new ProgramCall(words[0], words[1..]) { Limit = Limit };
        var result = await programs.RunAsync(call, cancellationToken).ConfigureAwait(false);
        return result.Success
            ? command
            : throw new KeygenException($"'{command}' failed: {result.LastLine}", $"run '{command}' by hand to see all of its output");
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FaultsAsync(string image, string keys, CancellationToken cancellationToken) =>
        check.FaultsAsync(image, keys, cancellationToken);

    private static string? Kernel(string name) => Names
        .Where(one => name.StartsWith(one.Prefix, StringComparison.Ordinal) && name.EndsWith(one.Suffix, StringComparison.Ordinal))
        .Select(one => name[one.Prefix.Length..^one.Suffix.Length])
        .FirstOrDefault();
}
