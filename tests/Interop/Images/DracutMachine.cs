using System.Globalization;

namespace Mandos.Interop.Images;

/// <summary>A machine whose initramfs dracut makes, with our client installed by scripts/install.sh and keys of its own.</summary>
internal sealed class DracutMachine
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;

    /// <summary>Leaves systemd out of the initramfs.</summary>
    public const string Shell = "--omit=systemd systemd-initrd dracut-systemd systemd-cryptsetup";

    private DracutMachine(Machine machine) => Machine = machine;

    public Machine Machine { get; }

    public static async Task<DracutMachine> StartAsync(Laboratory laboratory, DebianRelease release)
    {
        var machine = await laboratory.MachineAsync("client", await DracutChroot.GetAsync(release, laboratory.Token));
        // As a package would: the links of Debian's / (lib -> usr/lib) stay.
        await laboratory.ShellOnHostAsync(
            $"staged=$(mktemp -d); trap 'rm -rf \"$staged\"' EXIT; '{Golden.Root}/scripts/install.sh' \"$staged\" /usr client >&2; "
            + $"tar -C \"$staged\" -c . | tar -C '{machine.HostPath("/")}' -x --keep-directory-symlink --no-same-owner");
        (await KeySet.OfOursAsync(machine, laboratory.Token)).InstallOn(machine);
        return new(machine);
    }

    /// <summary>Puts a program of the administrator on the machine.</summary>
    public void PutProgram(string path, string text) => Machine.WriteFile(path, text, Executable);

    /// <summary>Puts a configuration file on the machine.</summary>
    public void PutFile(string path, string text) => Machine.WriteFile(path, text, Readable);

    /// <summary>Runs dracut, which must succeed, and unpacks the image into /run/image.</summary>
    public async Task<DracutImage> MakeImageAsync(CancellationToken cancellationToken, params string[] options)
    {
        const string command = """
            rm -rf /tmp/image && mkdir /tmp/image && cd /tmp/image
            dracut --force --compress=cat --nostrip --nohardlink "$@" /boot/initrd.img "$(ls /lib/modules)" >&2
            lsinitrd --unpack /boot/initrd.img >&2
            find . -mindepth 1 -printf '/%P %y %#m %U:%G %l\n'
            """;
        var done = await Machine.RunAsync(
            new(), TimeSpan.FromMinutes(4), cancellationToken, "/bin/bash", ["-euc", command, "make-image", .. options]);
        return new(Machine, done.OrThrow().Errors, done.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The numbers of a user of the machine, as <c>UID GID</c>.</summary>
    public async Task<(int User, int Group)> IdsOfAsync(string user, CancellationToken cancellationToken)
    {
        var ids = (await Machine.ShellAsync($"id -u {user}; id -g {user}", cancellationToken)).Split('\n');
        return (int.Parse(ids[0], CultureInfo.InvariantCulture), int.Parse(ids[1], CultureInfo.InvariantCulture));
    }
}
