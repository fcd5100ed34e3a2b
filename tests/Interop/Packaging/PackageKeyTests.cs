namespace Mandos.Interop.Packaging;

/// <summary>Which keys the installation of mandos-client-dotnet makes, and which it leaves alone.</summary>
public sealed class PackageKeyTests : InteropTest
{
    private const string Warning =
        "mandos-client-dotnet: warning: mandos-keygen --check reports a problem with the keys in /etc/keys/mandos; the boot may "
            + "need a typed password:";

    private const string Configure = "apt install ./artifacts/deb/mandos-client-dotnet_*.deb";

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Fact]
    public async Task If_only_the_TLS_keys_are_missing_only_they_are_created_and_their_key_ID_is_printed()
    {
        var (client, keys) = await StartAsync("tls-privkey.pem", "tls-pubkey.pem");
        var said = await client.RunAsync(Configure);
        var now = client.Keys();
        Assert.Equal(keys.Files["seckey.txt"], now.Files["seckey.txt"]);
        Assert.Equal(keys.Files["pubkey.txt"], now.Files["pubkey.txt"]);
        Assert.NotEqual(keys.KeyId, now.KeyId);
        Assert.Contains($"key_id = {now.KeyId}", said, StringComparison.Ordinal);
        Assert.Equal("600 600\n", await client.RunAsync("stat -c %a /etc/keys/mandos/tls-*.pem | xargs"));
        Assert.Equal(5, Directory.GetFileSystemEntries(client.Machine.HostPath(KeySet.Folder)).Length);
    }

    [Fact]
    public async Task If_only_the_OpenPGP_keys_are_missing_only_they_are_created()
    {
        var (client, keys) = await StartAsync("seckey.txt", "pubkey.txt");
        await client.RunAsync(Configure);
        var now = client.Keys();
        Assert.Equal(keys.KeyId, now.KeyId);
        Assert.NotEqual(keys.Files["seckey.txt"], now.Files["seckey.txt"]);
        Assert.NotEqual(keys.Files["pubkey.txt"], now.Files["pubkey.txt"]);
    }

    [Fact]
    public async Task Empty_key_files_are_replaced()
    {
        var (client, keys) = await StartAsync();
        await client.RunAsync($": >/etc/keys/mandos/tls-privkey.pem; : >/etc/keys/mandos/tls-pubkey.pem; {Configure}");
        Assert.Equal(keys.Files["seckey.txt"], client.Keys().Files["seckey.txt"]);
        Assert.NotEqual(keys.KeyId, client.Keys().KeyId);
    }

    [Theory]
    [InlineData("tls-privkey.pem")]
    [InlineData("seckey.txt")]
    [InlineData("pubkey.txt")]
    public async Task An_incomplete_key_pair_is_left_alone_and_reported(string missing)
    {
        var (client, keys) = await StartAsync(missing);
        var said = await client.RunAsync(Configure);
        Assert.Contains("half of a key pair is missing in /etc/keys/mandos", said, StringComparison.Ordinal);
        Assert.Contains("hint: ", said, StringComparison.Ordinal);
        Assert.False(File.Exists(client.Machine.HostPath($"{KeySet.Folder}/{missing}")));
        foreach (var name in KeySet.Names.Where(n => n != missing))
            Assert.Equal(keys.Files[name], client.Machine.ReadFile($"{KeySet.Folder}/{name}"));
        Assert.Equal("install ok installed", await client.StatusAsync(PublishedPackages.Client));
    }

    /// <summary>What the image builder said before is far up by then.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task Keys_that_are_unusable_at_boot_are_reported_in_the_last_lines(DebianRelease release)
    {
        var client = await PackageMachine.WithoutImagesAsync(Lab, release);
        var keys = await KeySet.OfOriginalAsync(Lab, DebianRelease.Bookworm);
        client.InstallKeys(keys);
        foreach (var (command, useless)
            in new[] { (Configure, UselessKey.All[0]), ("dpkg-reconfigure mandos-client-dotnet", UselessKey.All[3]) })
        {
            client.InstallKeys(keys);
            // Before the first installation there is no key tool on the machine's own path.
            await client.RunAsync($"export PATH=$PATH:/opt/mandos; {UselessKey.Prepare}{useless.Damage}");
            var damaged = client.Keys();
            var last = LinesAfterTheImages(await client.RunAsync(command));
            Assert.StartsWith($"{Warning}\nmandos-keygen: error: ", last, StringComparison.Ordinal);
            Assert.Contains(useless.Fault, last, StringComparison.Ordinal);
            Assert.Contains("\nhint: ", last, StringComparison.Ordinal);
            Assert.Equal(damaged.Files, client.Keys().Files);
            Assert.Equal("install ok installed", await client.StatusAsync(PublishedPackages.Client));
        }

        client.InstallKeys(keys);
        Assert.DoesNotContain(
            "mandos-keygen", LinesAfterTheImages(await client.RunAsync("dpkg-reconfigure mandos-client-dotnet")), StringComparison.Ordinal);

        static string LinesAfterTheImages(string said)
        {
            const string images = "see mandos-initramfs(7), with dracut mandos-dracut(7)\n";
            var end = said.LastIndexOf(images, StringComparison.Ordinal);
            Assert.True(end >= 0, said);
            return said[(end + images.Length)..];
        }
    }

    [Fact]
    public async Task An_expired_key_is_reported_too()
    {
        var (client, _) = await StartAsync();
        await client.RunAsync("""
            cd /etc/keys/mandos
            export GNUPGHOME=$(mktemp -d)
            then="gpg --batch --yes --faked-system-time 20200101T000000 --pinentry-mode loopback --passphrase ''"
            eval $then --quick-generate-key client ed25519 cert,sign 2d
            eval $then --quick-add-key $(gpg --list-keys --with-colons | sed -n '/^fpr/{s/[^0-9A-F]//gp;q}') cv25519 encr 2d
            eval $then --armor --export >pubkey.txt
            eval $then --armor --export-secret-keys >seckey.txt
            gpgconf --kill all
            """);
        var said = await client.RunAsync(Configure);
        Assert.Contains(
            $"{Warning}\nmandos-keygen: warning: the OpenPGP key has expired; the boot client still decrypts", said,
            StringComparison.Ordinal);
    }

    private async Task<(PackageMachine Client, KeySet Keys)> StartAsync(params string[] missing)
    {
        var client = await PackageMachine.WithoutImagesAsync(Lab, DebianRelease.Bookworm);
        var keys = await KeySet.OfOriginalAsync(Lab, DebianRelease.Bookworm);
        client.InstallKeys(keys);
        foreach (var name in missing)
            File.Delete(client.Machine.HostPath($"{KeySet.Folder}/{name}"));
        return (client, keys);
    }
}
