using System.Text;

namespace Mandos.Interop.Prompts;

/// <summary>Encrypted file systems that ask for their password themselves.</summary>
public sealed partial class PasswordAgentTests
{
    // OpenZFS has its own test; what systemd-cryptsetup asks is in the others. bcachefs-tools is not in these releases: this
    // is the command that its mount helper runs.
    [Theory]
    [InlineData("bookworm", true)]
    [InlineData("trixie", true)]
    [InlineData("bookworm", false)]
    [InlineData("trixie", false)]
    public async Task OpenZFS_which_asks_without_an_Id_gets_the_password(string suite, bool ours)
    {
        var machine = await MachineAsync(suite);
        var scripts = await OpenZfsScripts.GetAsync(DebianRelease.Named(suite), Token);
        foreach (var (file, target)
            in (ReadOnlySpan<(string, string)>)[("zfs-lib.sh", "/lib/dracut-zfs-lib.sh"), ("zfs-load-key.sh", "/run/zfs-load-key.sh")])
            machine.WriteFile(target, File.ReadAllText(Path.Combine(scripts, file)));
        // A pool whose root needs a passphrase, for the kernel has no ZFS.
        foreach (var (tool, script) in (ReadOnlySpan<(string, string)>)
        [
            ("zpool", "case \"$*\" in *bootfs*) echo rpool/ROOT/debian ;; *) echo active ;; esac"),
            (
                "zfs",
                "case \"$*\" in *encryptionroot*) echo rpool ;; *keystatus*) echo unavailable ;; *keylocation*) echo prompt ;; "
                    + "*load-key*) cat >/run/loaded ;; esac"),
            ("systemctl", ":"),
        ])
            machine.WriteFile($"/run/tools/{tool}", $"#!/bin/sh\n{script}\n", (UnixFileMode)0b111_101_101);
        PutClient(machine, "printf 'pass word'");
        await using var zfs = machine.Start(
            new(), "/bin/sh", "-c", "PATH=/run/tools:$PATH; getarg() { :; }; getargbool() { return 1; }; . /run/zfs-load-key.sh");
        await QuestionsBecomeAsync(machine, 1);
        await using var agent = Start(machine, ours ? OurRoles : [OriginalsAgent]);
        _ = (await zfs.WaitAsync(Soon, Token)).OrThrow();
        Assert.Equal("pass word\n", Encoding.UTF8.GetString(machine.ReadFile("/run/loaded")));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task A_bcachefs_file_system_gets_the_password(string suite)
    {
        var machine = await MachineAsync(suite);
        PutClient(machine, "printf secret");
        // The kernel's keyring, where an answer is kept for the next question of this name, is not of the machine alone.
        var disk = Guid.NewGuid();
        await using var bcachefs = machine.Start(
            new(), "/usr/bin/systemd-ask-password", "--no-tty", "--icon=drive-harddisk", $"--id=bcachefs:{disk}", $"--keyname={disk}",
            "--accept-cached", "-n", "Enter passphrase: ");
        await QuestionsBecomeAsync(machine, 1);
        await using var agent = Start(machine, OurRoles);
        Assert.Equal("secret", (await bcachefs.WaitAsync(Soon, Token)).OrThrow().Text);
    }
}
