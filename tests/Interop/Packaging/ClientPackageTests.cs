namespace Mandos.Interop.Packaging;

/// <summary>mandos-client-dotnet installed, removed, installed again and purged by apt of both releases.</summary>
public sealed class ClientPackageTests : InteropTest
{
    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task One_command_from_the_readme_creates_the_user_the_keys_and_a_working_initramfs_image(DebianRelease release)
    {
        var client = await PackageMachine.StartAsync(Lab, release);
        await client.RunAsync(ReadmeCommands.Of("Install", "client#").Single());

        Assert.Equal("install ok installed", await client.StatusAsync(PublishedPackages.Client));
        Assert.Equal(
            "700 root\n600 root\n600 root\n600 root\n600 root\n",
            await client.RunAsync("cd /etc/keys/mandos; stat -c '%a %U' . pubkey.txt seckey.txt tls-privkey.pem tls-pubkey.pem"));
        Assert.Contains("/usr/sbin/nologin", await client.RunAsync("getent passwd _mandos"), StringComparison.Ordinal);
        Assert.Equal("600\n", await client.RunAsync("stat -c %a /boot/initrd.img-*"));
        Assert.Empty(
            await client.RunAsync(
                $"dpkg -L {PublishedPackages.Client} | while read -r f; do [ ! -u \"$f\" ] && [ ! -g \"$f\" ] || echo \"$f\"; done"));
        await PackageServer.StartAsync(Lab, client, client.Keys());
        Assert.Equal(Password.Plain, await client.FetchFromImageAsync(PackageServer.Address));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Removal_keeps_keys_and_configuration_but_removes_them_from_the_initramfs_image(DebianRelease release)
    {
        var client = await PackageMachine.StartAsync(Lab, release);
        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb; echo '# mine' >>/etc/mandos/plugin-runner.conf");
        var keys = client.Keys();
        Assert.Contains(await client.ImageFilesAsync(), f => f.EndsWith("seckey.txt", StringComparison.Ordinal));

        await client.RunAsync("apt remove mandos-client-dotnet");
        Assert.Equal(keys.Files, client.Keys().Files);
        Assert.DoesNotContain(await client.ImageFilesAsync(), f => f.Contains("mandos", StringComparison.Ordinal));

        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb");
        Assert.Equal(keys.Files, client.Keys().Files);
        Assert.EndsWith("# mine\n", client.Text("/etc/mandos/plugin-runner.conf"), StringComparison.Ordinal);
        Assert.Contains(await client.ImageFilesAsync(), f => f.EndsWith("seckey.txt", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_purge_leaves_nothing_behind(DebianRelease release)
    {
        var client = await PackageMachine.WithoutImagesAsync(Lab, release);
        var before = await client.SnapshotAsync();
        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb");
        Assert.NotEqual(before, await client.SnapshotAsync());
        // Backups of keys are keys.
        await client.RunAsync("mandos-keygen --force; ls /etc/keys/mandos/seckey.txt.~1~; apt purge mandos-client-dotnet");
        Assert.Equal(before, await client.SnapshotAsync());
    }

    /// <summary>A second name of each secret key shows that it was overwritten, and not only removed.</summary>
    [Fact]
    public async Task A_purge_during_a_rotation_leaves_no_secret_key_behind()
    {
        var client = await PackageMachine.WithoutImagesAsync(Lab, DebianRelease.Bookworm);
        var before = await client.SnapshotAsync();
        await client.RunAsync(
            """
            apt install ./artifacts/deb/mandos-client-dotnet_*.deb
            cd /etc/keys/mandos
            set -- *.txt *.pem
            for name in rotation/next rotation/next/.mandos-keygen.new rotation/next/.mandos-keygen.ready rotation/previous \
              rotation/previous.new .mandos-keygen.ready .mandos-keygen.new .mandos-keygen.dropped .mandos-keygen.dropped/next \
              .mandos-keygen.dropped/next/.mandos-keygen.ready .mandos-keygen.dropped/previous; do
              mkdir -p -m 700 $name
              cp -p "$@" $name
            done
            touch rotation/servers rotation/built rotation/finishing
            mkdir /root/second
            find . -name seckey.txt -o -name tls-privkey.pem | while read -r file; do ln $file /root/second/$(echo $file | tr ./ __); done
            """);
        Assert.Equal("24\n", await client.RunAsync("grep -l 'PRIVATE KEY' /root/second/* | wc -l"));

        await client.RunAsync("apt purge mandos-client-dotnet");

        Assert.Equal("", await client.RunAsync("grep -l 'PRIVATE KEY' /root/second/* || :"));
        Assert.Equal(before, await client.SnapshotAsync());
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Configuring_again_changes_nothing(DebianRelease release)
    {
        var client = await PackageMachine.WithoutImagesAsync(Lab, release);
        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb; echo '# mine' >>/etc/mandos/plugin-runner.conf");
        var before = await client.SnapshotAsync();
        var keys = client.Keys();
        await client.RunAsync("dpkg-reconfigure mandos-client-dotnet; apt install --reinstall ./artifacts/deb/mandos-client-dotnet_*.deb");
        Assert.Equal(before, await client.SnapshotAsync());
        Assert.Equal(keys.Files, client.Keys().Files);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_package_needs_nothing_of_GnuPG_GnuTLS_or_Avahi(DebianRelease release)
    {
        var client = await PackageMachine.WithoutImagesAsync(Lab, release);
        await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb");
        var said = await client.RunAsync(
            "apt-get --simulate remove gnupg gpg gnutls-bin libavahi-core7 libavahi-common3 libglib2.0-0* libnl-3-200 dpkg-dev");
        Assert.Contains("Remv gnutls-bin", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Remv mandos", said, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task With_dracut_each_initramfs_image_is_rebuilt_and_is_no_longer_readable_by_other_users(DebianRelease release)
    {
        var client = await Lab.MachineAsync("client", await DracutChroot.GetAsync(release, Token));
        var file = PublishedPackages.File(PublishedPackages.Client);
        client.WriteFile("/root/client.deb", await File.ReadAllBytesAsync(file, Token));
        // Nothing says hostonly, as Debian ships it.
        client.WriteFile("/etc/dracut.conf.d/test.conf", "no_kernel=yes\n");
        // This chroot has a user, and no adduser; the path without keys in /boot is the one of every new kernel.
        var done = await client.RunAsync(new(), TimeSpan.FromMinutes(10), Token, "/bin/sh", "-euc", """
            exec 2>&1
            for kernel in /lib/modules/*; do image=/boot/initrd.img-${kernel##*/}; echo old >$image; chmod 644 $image; done
            dpkg --force-depends --install /root/client.deb
            for image in /boot/initrd.img-*; do stat -c %a $image; lsinitrd $image; done
            """);
        Assert.Contains("\n600\n", done.OrThrow().Text, StringComparison.Ordinal);
        Assert.Contains("lib/mandos/mandos-client", done.Text, StringComparison.Ordinal);
        Assert.Matches("\nmandos-client-dotnet: /boot/initrd.img-\\S+ contains the client and this machine's keys\n", done.Text);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_installation_ends_by_printing_which_initramfs_images_contain_the_client(DebianRelease release)
    {
        var client = await PackageMachine.StartAsync(Lab, release);
        var said = await client.RunAsync("apt install ./artifacts/deb/mandos-client-dotnet_*.deb");
        Assert.Contains(
            "\nmandos-client-dotnet: /boot/initrd.img-6.1.0-test-amd64 contains the client and this machine's keys\n", said,
            StringComparison.Ordinal);
        said = await client.RunAsync(
            ": >/etc/keys/mandos/tls-pubkey.pem; rm /etc/keys/mandos/seckey.txt; dpkg-reconfigure mandos-client-dotnet");
        Assert.Contains(
            "\nmandos-client-dotnet: warning: /boot/initrd.img-6.1.0-test-amd64 does not contain the client", said,
            StringComparison.Ordinal);
    }

    /// <summary>A link in the keys' folder is an administrator's, and leads to a file that is not ours to destroy.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task A_purge_does_not_destroy_the_target_of_a_link(DebianRelease release)
    {
        var client = await PackageMachine.WithoutImagesAsync(Lab, release);
        await client.RunAsync("""
            apt install ./artifacts/deb/mandos-client-dotnet_*.deb
            mv /etc/keys/mandos/seckey.txt /root/seckey.txt; cp /root/seckey.txt /root/copy
            ln -s /root/seckey.txt /etc/keys/mandos/seckey.txt
            mkdir /etc/keys/mandos/dhparams.pem /etc/keys/mandos/pubkey.txt.~1~; mkfifo /etc/keys/mandos/tls-pubkey.pem.~1~
            apt purge mandos-client-dotnet
            cmp /root/seckey.txt /root/copy; test ! -e /etc/keys/mandos
            """);
    }
}
