using Mandos.Keygen.Booting;
using Mandos.Keygen.Tests.Doctor;

namespace Mandos.Keygen.Tests.Booting;

/// <summary>Which image is loaded, by the files of the boot loader.</summary>
public sealed class BootChoiceTests : IDisposable
{
    private const string LoaderInfo = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Without_a_boot_loader_the_newest_kernel_counts()
    {
        Put("/boot/vmlinuz-6.1.0-9-amd64");
        Put("/boot/vmlinuz-6.1.0-10-amd64");
        Put("/proc/cmdline", "quiet");

        var target = Find()!;

        Assert.Equal(("6.1.0-10-amd64", "/boot/initrd.img-6.1.0-10-amd64"), (target.Kernel, target.Image));
        Assert.Equal("/proc/cmdline", Assert.Single(target.CommandLines).Place);
    }

    [Fact]
    public void The_first_entry_of_GRUB_counts_also_if_it_is_not_the_newest_kernel()
    {
        Put("/boot/vmlinuz-7.0");
        Put("/boot/grub/grub.cfg", SampleMachine.Grub("root=x quiet", "6.1"));

        var target = Find()!;

        Assert.Equal(("6.1", "/boot/initrd.img-6.1", "/boot/grub/grub.cfg"), (target.Kernel, target.Image, target.Source));
        Assert.Equal("root=x quiet", target.CommandLines[0].Text);
    }

    [Fact]
    public void With_a_boot_partition_the_path_of_GRUB_begins_there_and_the_microcode_comes_first()
    {
        Put("/boot/grub/grub.cfg", "menuentry 'x' {\n\tlinux\t/vmlinuz-6.1 ro\n\tinitrd\t/amd-ucode.img /initrd.img-6.1\n}\n");

        Assert.Equal("/boot/initrd.img-6.1", Find()!.Image);
    }

    [Theory]
    [InlineData("GRUB_DEFAULT=2", "", "7.0")]
    [InlineData("GRUB_DEFAULT='Debian>1'", "", "7.0")]
    [InlineData("GRUB_DEFAULT=saved", "saved_entry=other\n", "7.0")]
    [InlineData("GRUB_DEFAULT=saved", "# GRUB Environment Block\nsaved_entry=\n", "6.1")]
    [InlineData("GRUB_DEFAULT=0", "", "6.1")]
    [InlineData("#GRUB_DEFAULT=2", "", "6.1")]
    public void With_another_default_of_GRUB_the_newest_kernel_is_assumed(string setting, string saved, string kernel)
    {
        Put("/boot/vmlinuz-7.0");
        Put("/etc/default/grub", setting + "\n");
        Put("/boot/grub/grubenv", saved);
        Put("/boot/grub/grub.cfg", SampleMachine.Grub("quiet", "6.1"));

        Assert.Equal(kernel, Find()!.Kernel);
    }

    [Fact]
    public void The_newest_entry_of_systemd_boot_counts_or_the_one_in_its_configuration()
    {
        Put("/boot/grub/grub.cfg", SampleMachine.Grub("quiet", "6.1"));
        Put(LoaderInfo);
        foreach (var version in new[] { "6.9", "6.10" })
            Put(
                $"/boot/efi/loader/entries/id-{version}.conf",
                $"title Debian\nversion {version}\noptions root=x\nlinux /id/{version}/linux\ninitrd /id/{version}/initrd.img\n");

        Assert.Equal("/boot/efi/id/6.10/initrd.img", Find()!.Image);

        Put("/boot/efi/loader/loader.conf", "timeout 3\ndefault id-6.9*\n");
        Assert.Equal(("6.9", "root=x"), (Find()!.Kernel, Find()!.CommandLines[0].Text));
    }

    [Fact]
    public void A_unified_kernel_image_is_an_entry()
    {
        Put("/efi/EFI/Linux/debian-6.9.efi");
        Put("/efi/EFI/Linux/debian-6.10.efi");
        Put("/etc/kernel/cmdline", "mandos=off");

        Assert.Equal("/efi/EFI/Linux/debian-6.10.efi", Find()!.Image);
        Assert.Equal("mandos=off", Assert.Single(Find()!.CommandLines).Text);
    }

    [Fact]
    public void The_links_in_the_root_directory_count_if_there_is_no_other_boot_loader()
    {
        Put("/boot/vmlinuz-7.0");
        File.CreateSymbolicLink(_directory.Path + "/vmlinuz", "boot/vmlinuz-6.1");
        File.CreateSymbolicLink(_directory.Path + "/initrd.img", "boot/initrd.img-6.1");

        Assert.Equal(("6.1", "/boot/initrd.img-6.1"), (Find()!.Kernel, Find()!.Image));
    }

    [Theory]
    [InlineData("6.1.0-9", "6.1.0-10")]
    [InlineData("6.1.0~rc1", "6.1.0")]
    [InlineData("6.1.0", "6.1.0+deb13")]
    [InlineData("5.10.0-30-amd64", "6.1.0-1-amd64")]
    [InlineData("6.12.6-amd64", "6.12.12-amd64")]
    [InlineData("6.1", "6.1.1")]
    public void Versions_are_in_the_order_of_Debian(string older, string newer)
    {
        Assert.True(VersionOrder.Instance.Compare(older, newer) < 0);
        Assert.True(VersionOrder.Instance.Compare(newer, older) > 0);
        Assert.Equal(0, VersionOrder.Instance.Compare(newer, newer));
    }

    private BootTarget? Find() => BootChoice.Find(new Machine(_directory.Path));

    private void Put(string path, string text = "")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory.Path + path)!);
        File.WriteAllText(_directory.Path + path, text);
    }
}
