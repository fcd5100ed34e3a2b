using System.Security.Cryptography;

namespace Mandos.Interop.Images;

/// <summary>Which keys an image gets that the distribution's own tools build while mandos-keygen rotate is in progress.</summary>
public sealed class RotationImageTests : InteropTest
{
    private const string Hashes = "find . ! -name . -printf '%P\\n' | LC_ALL=C sort | while read -r name; do sha256sum \"$name\"; done";

    private const string UnpackOfInitramfsTools =
        "unmkinitramfs /boot/initrd.img-* /tmp/image; [ ! -d main ] || cp -r main/conf .; cd conf/conf.d/mandos; rm plugin-runner.conf";

    /// <summary>Which files are taken is decided by our own scripts, the same on both releases.</summary>
    [Fact]
    public async Task Initramfs_tools_take_one_set_of_keys_at_every_point_of_a_rotation()
    {
        var client = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        client.Machine.WriteFile("/etc/initramfs-tools/conf.d/quick", "COMPRESS=gzip\nCOMPRESSLEVEL=1\nMODULES=list\n");
        await RotateAsync(client.Machine, "update-initramfs -c -k all", UnpackOfInitramfsTools);
    }

    [Fact]
    public async Task Dracut_takes_one_set_of_keys_at_every_point_of_a_rotation()
    {
        var client = await DracutMachine.StartAsync(Lab, DebianRelease.Trixie);
        // With only the drivers of one machine: it is quicker.
        client.PutFile(
            "/etc/dracut.conf.d/quick.conf", "hostonly=\"yes\"\ncompress=\"cat\"\nadd_drivers+=\" virtio_net dm_crypt \"\n");
        await RotateAsync(
            client.Machine, "dracut --force --regenerate-all", "lsinitrd --unpack /boot/init*; cd etc/mandos/keys");
    }

    private async Task RotateAsync(Machine machine, string build, string unpack)
    {
        var old = KeySet.Names.ToDictionary(name => name, name => machine.ReadFile($"{KeySet.Folder}/{name}"));
        var next = (await KeySet.OfOursAsync(machine, Token)).Files;

        // Killed while it put the new keys into use: two of them are in place.
        await machine.ShellAsync(
            $"cd {KeySet.Folder}; mkdir -m 700 rotation rotation/previous .mandos-keygen.ready; ln *.txt *.pem rotation/previous", Token);
        foreach (var (name, content) in next)
            machine.WriteFile($"{KeySet.Folder}/.mandos-keygen.ready/{name}", content);
        await machine.ShellAsync($"cd {KeySet.Folder}; mv .mandos-keygen.ready/*.txt .", Token);
        await RunAsync(machine, build);
        Assert.Equal(Text(next), await KeysInImageAsync(machine, unpack));

        // Taken back, which builds the images again.
        var aborted = await RunAsync(machine, "mandos-keygen rotate --abort");
        Assert.Equal("the rotation is taken back: this machine has its old keys\n", aborted);
        Assert.Equal(Text(old), await KeysInImageAsync(machine, unpack));
        Assert.Equal(Text(old), await KeysInDirectoryAsync(machine));

        // Killed while it removed the old keys.
        await machine.ShellAsync(
            $"cd {KeySet.Folder}; mkdir -p -m 700 .mandos-keygen.dropped/previous; mv *.* .mandos-keygen.dropped/previous", Token);
        foreach (var (name, content) in next)
            machine.WriteFile($"{KeySet.Folder}/{name}", content);
        await RunAsync(machine, build);
        Assert.Equal(Text(next), await KeysInImageAsync(machine, unpack));

        var finished = await RunAsync(machine, "mandos-keygen rotate");
        Assert.Equal("the old keys are dropped: this machine has only the new ones\n", finished);
        Assert.Equal(Text(next), await KeysInDirectoryAsync(machine));
    }

    /// <summary>Runs a command that may build an image; returns what it prints on standard output.</summary>
    private static async Task<string> RunAsync(Machine machine, string command) => (await machine.RunAsync(
        new() { LogOutput = true }, TimeSpan.FromMinutes(5), Token, "/bin/sh", "-euc", $"rm -rf /tmp/image; {command}")).OrThrow().Text;

    /// <summary>Names and content of the key files in the image, and of whatever else is in their directory there.</summary>
    private static Task<string> KeysInImageAsync(Machine machine, string unpack) =>
        machine.ShellAsync($"rm -rf /tmp/image; mkdir /tmp/image; cd /tmp/image; {{ {unpack}; }} >&2; {Hashes}", Token);

    private static Task<string> KeysInDirectoryAsync(Machine machine) => machine.ShellAsync($"cd {KeySet.Folder}; {Hashes}", Token);

    private static string Text(IReadOnlyDictionary<string, byte[]> keys) => string.Concat(
        keys.OrderBy(key => key.Key, StringComparer.Ordinal)
            .Select(key => $"{Convert.ToHexStringLower(SHA256.HashData(key.Value))}  {key.Key}\n"));
}
