using Mandos.Keygen.Disks;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>Which lines of crypttab name disks that the initramfs opens with a passphrase.</summary>
public sealed class BootDisksTests
{
    [Theory]
    [InlineData("a /dev/sda none luks,initramfs", null)]
    [InlineData("a /dev/sda - luks,initramfs", null)]
    [InlineData("a /dev/sda", null)]
    [InlineData("a /dev/sda none luks,keyscript=none", null)]
    [InlineData("a /dev/sda none luks,initramfs,noauto", null)]
    [InlineData("a /dev/sda /etc/key luks", "the key file /etc/key opens it")]
    [InlineData("a /dev/sda none luks,keyscript=decrypt_keyctl", "the keyscript decrypt_keyctl opens it")]
    [InlineData("a /dev/sda none tpm2-device=auto", "the option tpm2-device opens it")]
    [InlineData("a /dev/sda none fido2-device=auto", "the option fido2-device opens it")]
    [InlineData("a /dev/sda none luks,noauto", "it has the option noauto")]
    [InlineData("a /dev/sda none luks,header=/boot/h", "it has a detached header, which is not supported")]
    [InlineData("a /dev/sda none plain", "it has the option plain")]
    public void An_obstacle_is_what_opens_the_device_instead_of_a_passphrase(string line, string? obstacle) =>
        Assert.Equal(obstacle, Assert.Single(CrypttabEntry.Parse(line)).Obstacle);

    [Fact]
    public void Comments_and_incomplete_lines_are_skipped_and_escapes_and_quotes_are_read()
    {
        var entries = CrypttabEntry.Parse("# a /dev/a\n\n  alone\n\tb\\040c\tUUID=\"12-34\"  none x,y=1\r\n");

        var entry = Assert.Single(entries);
        Assert.Equal(("b c", "UUID=12-34", "1"), (entry.Name, entry.Device, entry.Value("y")));
        Assert.True(entry.Has("x"));
        Assert.False(entry.Has("z"));
    }

    [Fact]
    public void The_root_on_LVM_on_an_encrypted_partition_needs_no_mark()
    {
        using var root = new TemporaryDirectory();
        Write(root, "etc/crypttab", "crypt UUID=12-34 none luks\nother /dev/sdb none luks\n");
        Write(root, "proc/self/mounts", "proc /proc proc rw 0 0\n/dev/mapper/vg-root / ext4 rw 0 0\n");
        Write(root, "proc/swaps", "Filename Type Size Used Priority\n");
        Write(root, "dev/dm-1", "");
        Directory.CreateDirectory(root["dev/mapper"]);
        File.CreateSymbolicLink(root["dev/mapper/vg-root"], "../dm-1");
        Write(root, "sys/class/block/dm-1/dm/uuid", "LVM-x\n");
        Write(root, "sys/class/block/dm-1/dm/name", "vg-root\n");
        Directory.CreateDirectory(root["sys/class/block/dm-1/slaves/dm-0"]);
        Write(root, "sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-12-crypt\n");
        Write(root, "sys/class/block/dm-0/dm/name", "crypt\n");
        Directory.CreateDirectory(root["sys/class/block/dm-0/slaves/sda2"]);
        Write(root, "dev/disk/by-uuid/12-34", "");

        var disk = Assert.Single(new BootDisks(root.Path).Find([]));

        Assert.Equal(new BootDisk("/dev/disk/by-uuid/12-34", "/"), disk);
    }

    [Fact]
    public void A_swap_that_is_used_counts_also_without_links_of_udev()
    {
        using var root = new TemporaryDirectory();
        Write(root, "etc/crypttab", "swap /dev/sda3 none luks\n");
        Write(root, "proc/swaps", "Filename Type Size Used Priority\n/dev/mapper/swap partition 1 0 -2\n");
        Write(root, "dev/mapper/swap", "");
        Write(root, "dev/sda3", "");
        Write(root, "sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS1-1-swap\n");
        Write(root, "sys/class/block/dm-0/dm/name", "swap\n");

        Assert.Equal([new BootDisk("/dev/sda3", "swap")], new BootDisks(root.Path).Find([]));
    }

    [Fact]
    public void What_a_key_file_opens_is_left_out_and_reported()
    {
        using var root = new TemporaryDirectory();
        Write(root, "etc/crypttab", "a /dev/sda none luks,x-initrd.attach\nb /dev/sdb /etc/key luks,initramfs\nc /dev/sdc none luks\n");
        Write(root, "dev/sda", "");
        var notes = new List<string>();

        Assert.Equal("/dev/sda", Assert.Single(new BootDisks(root.Path).Find(notes)).Device);

        Assert.Equal(["b (marked for the initramfs) is left out: the key file /etc/key opens it"], notes);
    }

    [Theory]
    [InlineData(null, "/etc/crypttab does not exist")]
    [InlineData("", "has no device that is opened at boot with a passphrase")]
    [InlineData("a UUID=9 none luks,initramfs", "there is no device UUID=9")]
    public void Without_a_device_the_error_names_the_option(string? crypttab, string message)
    {
        using var root = new TemporaryDirectory();
        if (crypttab is not null)
            Write(root, "etc/crypttab", crypttab);

        var error = Assert.Throws<KeygenException>(() => new BootDisks(root.Path).Find([]));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("--device", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_named_must_exist()
    {
        using var root = new TemporaryDirectory();
        Write(root, "dev/disk/by-partuuid/1", "");

        Assert.Equal("/dev/disk/by-partuuid/1", Assert.Single(new BootDisks(root.Path).Named(["PARTUUID=1", "PARTUUID=1"])).Device);
        Assert.Throws<KeygenException>(() => new BootDisks(root.Path).Named(["sda"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"keyslots":{}}""")]
    [InlineData("""{"keyslots":{"x":{}},"tokens":{}}""")]
    [InlineData("""{"keyslots":{},"tokens":{"0":{"type":"mandos","keyslots":[1]}}}""")]
    [InlineData("""{"keyslots":{},"tokens":{"0":7}}""")]
    public void Metadata_that_is_not_understood_gives_one_error(string json) =>
        Assert.Throws<KeygenException>(() => LuksHeader.Parse2("/dev/sda", json));

    [Fact]
    public void A_token_without_a_slot_is_still_found()
    {
        var header = LuksHeader.Parse2(
            "/dev/sda",
            """{"keyslots":{"0":{},"2":{}},"tokens":{"0":{"type":"systemd-tpm2","keyslots":["2"]},"3":{"type":"mandos","keyslots":[]}}}""");

        Assert.Equal(new MandosSlot(null, 3, "", ""), Assert.Single(header.Ours));
        Assert.Equal((1, 1), (header.FreeSlot, header.FreeToken));
    }

    private static void Write(TemporaryDirectory root, string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(root[path])!);
        File.WriteAllText(root[path], content);
    }
}
