using System.Text;

namespace Mandos.Interop.Images;

/// <summary>An initramfs that dracut made, unpacked on the machine that made it.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Said">What dracut told meanwhile.</param>
/// <param name="Files">One line each: path, type (f, d, l), mode, owner, where a link points.</param>
internal sealed record DracutImage(Machine Machine, string Said, IReadOnlyList<string> Files)
{
    /// <summary>Where it was unpacked.</summary>
    public const string Folder = "/tmp/image";

    /// <summary>The paths under a folder of Mandos' own, or of units, that have to do with Mandos.</summary>
    public IReadOnlyList<string> Ours =>
        [.. Files.Where(f => f.Contains("mandos", StringComparison.Ordinal)).Select(f => f.TrimEnd()).Order(StringComparer.Ordinal)];

    /// <summary>The text of a file in it.</summary>
    public string Text(string path) => Encoding.UTF8.GetString(Machine.ReadFile(Folder + path));

    /// <summary>
    /// Runs a shell command inside it, as dracut runs its scripts, that must succeed within a minute, and returns what it
    /// printed.
    /// </summary>
    public Task<string> ShellAsync(string command, CancellationToken cancellationToken) =>
        Machine.ShellAsync($"chroot {Folder} /bin/sh -c '{command}'", cancellationToken);
}
