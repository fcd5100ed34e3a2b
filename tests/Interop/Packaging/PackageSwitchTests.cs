namespace Mandos.Interop.Packaging;

/// <summary>From Debian's mandos-client to ours and back, by the commands of the README.</summary>
public sealed class PackageSwitchTests : InteropTest
{
    // apt notes that a package is not wanted any more, dpkg alone does not.
    private const string Installed = "install ok installed", Removed = "ok config-files";
    private const string Mine = "--options-for=mandos-client:--retry=5";

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task Switching_in_both_directions_keeps_keys_configuration_and_a_working_initramfs_image(DebianRelease release)
    {
        var (client, keys) = await WithOriginalAsync(release);
        await client.RunAsync($"echo '{Mine}' >>/etc/mandos/plugin-runner.conf; update-initramfs -u");
        var configuration = client.Text("/etc/mandos/plugin-runner.conf");
        await PackageServer.StartAsync(Lab, client, keys);
        await AssertWorksAsync("mandos-client", PublishedPackages.Client);
        var commands = ReadmeCommands.Of("Switch from the original, and back", "client#");
        Assert.Equal(2, commands.Count);

        var said = await client.RunAsync(commands[0]);
        Assert.Contains("do not purge the removed package mandos-client", said, StringComparison.Ordinal);
        await AssertWorksAsync(PublishedPackages.Client, "mandos-client");
        Assert.StartsWith(
            "Mandos plugin mandos-client: ", await client.RunAsync("mandos-client --version || test $? = 64"), StringComparison.Ordinal);
        Assert.Contains(await client.ImageFilesAsync(), f => f.EndsWith("mandos/plugins.d/mandos-client", StringComparison.Ordinal));
        Assert.DoesNotContain(
            await client.ImageFilesAsync(),
            f => f.Contains("gnutls", StringComparison.Ordinal) || f.EndsWith("/gpg", StringComparison.Ordinal));

        await client.RunAsync(commands[1]);
        await AssertWorksAsync("mandos-client", PublishedPackages.Client);
        Assert.Contains(await client.ImageFilesAsync(), f => f.EndsWith("/gpg", StringComparison.Ordinal));
        await client.RunAsync("test ! -h /usr/sbin/mandos-client");

        async Task AssertWorksAsync(string installed, string other)
        {
            Assert.Equal(Installed, await client.StatusAsync(installed));
            Assert.NotEqual(Installed, await client.StatusAsync(other));
            Assert.Equal(keys.Files, client.Keys().Files);
            Assert.Equal("not made anew\n", client.Text($"{KeySet.Folder}/dhparams.pem"));
            Assert.Equal(configuration, client.Text("/etc/mandos/plugin-runner.conf"));
            Assert.Equal(Password.Plain, await client.FetchFromImageAsync(PackageServer.Address));
        }
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Switching_to_Debians_client_package_asks_no_question_on_a_machine_that_never_had_it(DebianRelease release)
    {
        var client = await PackageMachine.WithoutImagesAsync(Lab, release);
        client.InstallKeys(await KeySet.OfOriginalAsync(Lab, release));
        await client.RunAsync($"apt install ./artifacts/deb/mandos-client-dotnet_*.deb; echo '{Mine}' >>/etc/mandos/plugin-runner.conf");
        var configuration = client.Text("/etc/mandos/plugin-runner.conf");
        var said = await client.RunAsync($"exec </dev/null\n{ReadmeCommands.Of("Switch from the original, and back", "client#")[1]}");
        Assert.Contains("dpkg asks about /etc/mandos/plugin-runner.conf: answer N to keep yours", said, StringComparison.Ordinal);
        Assert.Equal(Installed, await client.StatusAsync("mandos-client"));
        Assert.Equal(configuration, client.Text("/etc/mandos/plugin-runner.conf"));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Our_purge_keeps_what_Debians_package_uses(DebianRelease release)
    {
        var (client, keys) = await WithOriginalAsync(release, images: false);
        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb; apt install mandos-client");
        Assert.EndsWith(Removed, await client.StatusAsync(PublishedPackages.Client), StringComparison.Ordinal);
        var said = await client.RunAsync("apt purge mandos-client-dotnet; id _mandos");
        Assert.Contains("are kept: Debian's package mandos-client uses them too", said, StringComparison.Ordinal);
        Assert.Equal(keys.Files, client.Keys().Files);
        Assert.True(File.Exists(client.Machine.HostPath("/etc/mandos/plugin-runner.conf")));
    }

    [Fact]
    public async Task Purging_our_package_after_a_switch_keeps_the_keys_for_the_original_package()
    {
        var (client, keys) = await WithOriginalAsync(DebianRelease.Bookworm, images: false);
        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb; apt purge mandos-client-dotnet");
        Assert.EndsWith(Removed, await client.StatusAsync("mandos-client"), StringComparison.Ordinal);
        Assert.Equal(keys.Files, client.Keys().Files);
        await client.RunAsync("apt install mandos-client");
        Assert.Equal(keys.Files, client.Keys().Files);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Dpkg_without_apt_can_switch_too(DebianRelease release)
    {
        var (client, keys) = await WithOriginalAsync(release);
        await client.RunAsync("dpkg --install artifacts/deb/mandos-client-dotnet_*.deb");
        Assert.Equal(Installed, await client.StatusAsync(PublishedPackages.Client));
        Assert.EndsWith(Removed, await client.StatusAsync("mandos-client"), StringComparison.Ordinal);
        Assert.Equal(keys.Files, client.Keys().Files);
        Assert.DoesNotContain(
            "missing", await client.RunAsync("dpkg --verify mandos-client-dotnet | grep -v /usr/share/man || :"), StringComparison.Ordinal);
        Assert.Contains(await client.ImageFilesAsync(), f => f.EndsWith("mandos/plugins.d/mandos-client", StringComparison.Ordinal));
    }

    private async Task<(PackageMachine Client, KeySet Keys)> WithOriginalAsync(DebianRelease release, bool images = true)
    {
        var client = await (images ? PackageMachine.StartAsync(Lab, release) : PackageMachine.WithoutImagesAsync(Lab, release));
        var keys = await KeySet.OfOriginalAsync(Lab, release);
        client.InstallKeys(keys);
        await client.RunAsync("apt install mandos-client");
        return (client, keys);
    }
}
