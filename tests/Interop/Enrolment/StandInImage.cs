using Mandos.Keygen.Tests.Images;

namespace Mandos.Interop.Enrolment;

/// <summary>
/// A script instead of update-initramfs, which puts the keys of the machine into an image that is made once: real images take minutes,
/// and tests/Interop/Images has them.
/// </summary>
internal static class StandInImage
{
    public const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>The directory of the keys in an image.</summary>
    public static string Keys { get; } = SampleImage.OfInitramfsTools().Keys;

    /// <summary>Installs it on a machine whose image opens this disk.</summary>
    public static async Task InstallAsync(Machine machine, string crypttab, CancellationToken cancellationToken)
    {
        await machine.ShellAsync(
            $"""
            echo '{crypttab}' >/etc/crypttab
            mkdir -p /boot /lib/modules/{SampleImage.Kernel}
            """, cancellationToken);
        var image = SampleImage.OfInitramfsTools();
        image.Add("cryptroot/crypttab", $"{crypttab}\n", 0b110_000_000);
        foreach (var key in SampleImage.KeyNames)
            image.Remove($"{image.Keys}/{key}");
        machine.WriteFile("/srv/image", image.ToArchive());
        Program(machine, "mkinitramfs", "exit 1");
        Program(
            machine, "update-initramfs",
            $"""
            rm -rf /srv/keys
            mkdir -p /srv/keys/{image.Keys}
            cp -p {string.Join(' ', SampleImage.KeyNames.Select(key => $"/etc/keys/mandos/{key}"))} /srv/keys/{image.Keys}
            cd /srv/keys
            umask 077
            find conf | cpio --quiet -o -H newc | cat /srv/image - >/boot/initrd.img-{SampleImage.Kernel}
            """);
    }

    /// <summary>Puts a shell script where programs of the administrator are.</summary>
    public static void Program(Machine machine, string name, string script) =>
        machine.WriteFile($"/usr/local/sbin/{name}", $"#!/bin/sh\n{script}\n", Executable);
}
