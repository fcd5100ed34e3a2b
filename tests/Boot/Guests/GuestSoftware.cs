using System.Security.Cryptography;
using System.Text;

namespace Mandos.Boot.Guests;

/// <summary>Whose Mandos client is installed on a guest.</summary>
/// <param name="Name">For names of tests.</param>
public sealed record GuestSoftware(string Name)
{
    /// <summary>No Mandos client at all.</summary>
    public static GuestSoftware None { get; } = new("none");

    /// <summary>Debian's mandos-client.</summary>
    public static GuestSoftware Original { get; } = new("original");

    /// <summary>This project's, installed by scripts/install.sh.</summary>
    public static GuestSoftware Ours { get; } = new("ours");

    /// <summary>This project's package, installed by apt while the machine has initramfs-tools; then it changes to dracut.</summary>
    public static GuestSoftware BeforeDracut { get; } = new("package before dracut");

    /// <summary>Installs it into a folder and returns what tells this software from any other.</summary>
    public async Task<string> StageAsync(string folder, CancellationToken cancellationToken)
    {
        if (this == BeforeDracut)
        {
            var package = PublishedPackages.File(PublishedPackages.Client);
            File.Copy(package, Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "srv")).FullName, Path.GetFileName(package)));
        }
        else if (this == Ours)
        {
            await using var installing = RunningProcess.Start(
                "install", Path.Combine(Golden.Root, "scripts", "install.sh"), [folder, "/usr", "client"], new());
            (await installing.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken)).OrThrow();
        }
        else
        {
            return Name;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var file = new FileInfo(entry);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(folder, entry)}\n{file.UnixFileMode}\n{file.LinkTarget}\n"));
            if (file.LinkTarget is null && !file.Attributes.HasFlag(FileAttributes.Directory))
                hash.AppendData(await File.ReadAllBytesAsync(entry, cancellationToken));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Puts it on the machine that the initramfs is made on.</summary>
    public async Task InstallAsync(Machine machine, string staged, CancellationToken cancellationToken)
    {
        if (this == Original)
            await machine.ShellAsync(
                "dpkg-deb --fsys-tarfile /var/cache/guest/mandos-client_*.deb | tar -C / -x --keep-directory-symlink", cancellationToken);
        if (this == Ours || this == BeforeDracut)
        {
            // As a package would: the links of Debian's / (lib -> usr/lib) stay.
            await using var copying = RunningProcess.Start(
                "copy", "/bin/sh",
                ["-euc", "tar -C \"$1\" -c . | tar -C \"$2\" -x --keep-directory-symlink --no-same-owner", "copy", staged,
                    machine.HostPath("/")],
                new());
            (await copying.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken)).OrThrow();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
