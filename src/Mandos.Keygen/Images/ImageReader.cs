using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Keygen.Failures;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Keygen.Images;

/// <summary>
/// Reads an initramfs image, alone or in a unified kernel image.
/// <code>
///   image:  archive (microcode, modules), zeros, archive, zeros, …, compressed archives
/// </code>
/// </summary>
internal static class ImageReader
{
    private const int ENOENT = 2;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Reads the image in a file.</summary>
    /// <exception cref="ImageException">The image is damaged.</exception>
    /// <exception cref="KeygenException">The file cannot be read, or its compression needs a program that is not installed.</exception>
    internal static async Task<InitramfsImage> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var problem = InputFile.Open(path, Patience, out var descriptor, out var error);
        using (descriptor)
        {
            if (problem is not null)
                throw new KeygenException($"cannot read {path}: {problem}", Hint(error));
            using var handle = new SafeFileHandle(descriptor.Number, ownsHandle: false);
            var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            await using (file.ConfigureAwait(false))
            {
                if (!file.CanSeek)
                    throw new KeygenException($"cannot read {path}: it is not a regular file", "copy the image to a file");
                return await ReadAsync(file, path, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static string? Hint(Errno error) => error.Code switch
    {
        ENOENT => "check the path",
        Errno.AccessDenied => "run this as root",
        _ => null,
    };

    private static async Task<InitramfsImage> ReadAsync(FileStream file, string path, CancellationToken cancellationToken)
    {
        // Devices have no length.
        if (file.Length == 0)
            throw new ImageException("the file is empty, or not a regular file");
        var beginning = new byte[2];
        var count = await file.ReadAtLeastAsync(beginning, beginning.Length, false, cancellationToken).ConfigureAwait(false);
        var unified = UnifiedImage.IsOne(beginning.AsSpan(0, count)) ? UnifiedImage.Read(file) : null;
        file.Position = unified?.InitrdOffset ?? 0;
        using var reader = new ForwardReader(file, unified?.InitrdLength ?? long.MaxValue);
        var archives = new ArchiveReader();
        var compression = await ReadPartsAsync(reader, archives, cancellationToken).ConfigureAwait(false);
        return new(archives.Entries)
        {
            File = path,
            Compression = compression?.Name ?? "none",
            Size = file.Length,
            IsPublic = (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0,
            IsUnified = unified is not null,
            CommandLine = unified?.CommandLine,
        };
    }

    /// <summary>Reads the archives; returns how the last part is compressed.</summary>
    private static async Task<Compression?> ReadPartsAsync(
        ForwardReader reader, ArchiveReader archives, CancellationToken cancellationToken)
    {
        var next = await archives.ReadAsync(reader, cancellationToken).ConfigureAwait(false);
        if (next.Length == 0)
            return archives.Entries.Count > 0 ? null : throw new ImageException("the image is empty");
        if (Compression.Of(next.Span) is not { } compression)
            throw new ImageException(
                archives.Entries.Count == 0
                    ? "the file is not an initramfs image: it begins with neither a cpio archive nor compressed data"
                    : $"the image has unknown data after its first archive, at byte {reader.Position}");
        using var rest = new RemainingStream(reader);
        var decompressor = Decompressor.Start(compression, rest, cancellationToken);
        await using (decompressor.ConfigureAwait(false))
        {
            using var inside = new ForwardReader(decompressor.Output);
            try
            {
                var before = archives.Entries.Count;
                var unknown = await archives.ReadAsync(inside, cancellationToken).ConfigureAwait(false);
                if (unknown.Length > 0)
                    throw new ImageException($"the compressed part of the image ({compression.Name}) has data that is not a cpio archive");
                // After a complete archive, a complaint about what follows does not matter: the kernel ignores it, too.
                var complaint = await decompressor.FinishAsync(cancellationToken).ConfigureAwait(false);
                if (archives.Entries.Count == before)
                    throw new ImageException(
                        $"the compressed part of the image ({compression.Name}) is empty or damaged"
                            + (complaint is null ? "" : $": {complaint}"));
            }
            catch (InvalidDataException)
            {
                throw new ImageException($"the compressed part of the image ({compression.Name}) is damaged");
            }
        }

        return compression;
    }
}
