namespace Mandos.Interop;

/// <summary>A machine (Debian 13) with our package whose administrator changes from initramfs-tools to dracut by apt, and back.</summary>
public sealed class GeneratorChangeTests : InteropTest
{
    private const string Image = "/boot/initrd.img-6.1.0-test-amd64";

    public static TheoryData<DebianRelease> Releases => [DebianRelease.Trixie];

    [Theory, MemberData(nameof(Releases))]
    public async Task The_image_holds_the_client_and_the_keys_after_each_change(DebianRelease release)
    {
        var client = await PackageMachine.WithGeneratorsAsync(Lab, release);
        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb");
        await AssertImageAsync("conf/conf.d/mandos");

        var said = await client.RunAsync("apt install dracut");
        Assert.DoesNotContain("left out of this image", said, StringComparison.Ordinal);
        Assert.Equal("install ok installed", await client.StatusAsync(PublishedPackages.Client));
        Assert.NotEqual("install ok installed", await client.StatusAsync("initramfs-tools"));
        await AssertImageAsync("etc/mandos/keys");

        await client.RunAsync("apt install initramfs-tools cryptsetup-initramfs");
        Assert.NotEqual("install ok installed", await client.StatusAsync("dracut"));
        await AssertImageAsync("conf/conf.d/mandos");

        async Task AssertImageAsync(string keys)
        {
            Assert.Equal("600\n", await client.RunAsync($"stat -c %a {Image}"));
            // unmkinitramfs and lsinitrd are each in the image maker's own package.
            await client.RunAsync($"rm -rf /tmp/image; mkdir /tmp/image; cd /tmp/image; if command -v lsinitrd; then lsinitrd --unpack {Image}; else unmkinitramfs {Image} .; fi");
            Assert.Equal("600 0:0\n", await client.RunAsync($"stat -c '%a %u:%g' /tmp/image/{keys}/*key* | sort -u"));
            foreach (var name in KeySet.Names)
                Assert.Equal(client.Machine.ReadFile($"{KeySet.Folder}/{name}"), client.Machine.ReadFile($"/tmp/image/{keys}/{name}"));
            Assert.NotEqual("", await client.RunAsync("find /tmp/image/ -path '*/mandos/*' -name mandos-client -type f -size +1M"));
        }
    }
}
