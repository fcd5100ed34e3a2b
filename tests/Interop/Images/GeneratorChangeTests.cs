using Mandos.Interop.Packaging;

namespace Mandos.Interop.Images;

/// <summary>A machine with our package whose administrator changes from initramfs-tools to dracut by apt, and back.</summary>
public sealed class GeneratorChangeTests : InteropTest
{
    /// <summary>Where the keys are in the image of each.</summary>
    private const string InitramfsTools = "conf/conf.d/mandos", Dracut = "etc/mandos/keys";

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task The_initramfs_image_contains_the_client_and_the_keys_after_each_change(DebianRelease release)
    {
        var client = await PackageMachine.WithGeneratorsAsync(Lab, release);
        var image = (await client.RunAsync("ls /boot/initrd.img-*")).Trim();
        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb");
        await AssertImageAsync(InitramfsTools);

        var said = await client.RunAsync("apt install dracut");
        Assert.DoesNotContain("left out of this image", said, StringComparison.Ordinal);
        Assert.Equal("install ok installed", await client.StatusAsync(PublishedPackages.Client));
        Assert.NotEqual("install ok installed", await client.StatusAsync("initramfs-tools"));
        await AssertImageAsync(Dracut);

        await client.RunAsync("apt install initramfs-tools cryptsetup-initramfs");
        Assert.NotEqual("install ok installed", await client.StatusAsync("dracut"));
        await AssertImageAsync(InitramfsTools);

        async Task AssertImageAsync(string keys)
        {
            Assert.Equal("600\n", await client.RunAsync($"stat -c %a {image}"));
            // Each reads its own images. With modules in their own part, unmkinitramfs puts the rest into a folder main.
            var unpack = keys == Dracut
                ? $"lsinitrd --unpack {image}"
                : $"unmkinitramfs {image} /tmp/parts; if [ -d /tmp/parts/main ]; then mv /tmp/parts/main/* .; else mv /tmp/parts/* .; fi";
            await client.RunAsync($"rm -rf /tmp/image /tmp/parts; mkdir /tmp/image; cd /tmp/image; {unpack}");
            Assert.Equal("600 0:0\n", await client.RunAsync($"stat -c '%a %u:%g' /tmp/image/{keys}/*key* | sort -u"));
            foreach (var name in KeySet.Names)
                Assert.Equal(client.Machine.ReadFile($"{KeySet.Folder}/{name}"), client.Machine.ReadFile($"/tmp/image/{keys}/{name}"));
            Assert.NotEqual("", await client.RunAsync("find /tmp/image/ -path '*/mandos/*' -name mandos-client -type f -size +1M"));
        }
    }
}
