namespace Mandos.Interop;

/// <summary>Which keys the installation of mandos-client-dotnet makes, and which it leaves alone.</summary>
public sealed class PackageKeyTests : InteropTest
{
    private const string Configure = "apt install ./artifacts/deb/mandos-client-dotnet_*.deb";

    [Fact]
    public async Task Missing_TLS_keys_alone_are_made_and_their_key_ID_is_told()
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
    public async Task Missing_OpenPGP_keys_alone_are_made()
    {
        var (client, keys) = await StartAsync("seckey.txt", "pubkey.txt");
        await client.RunAsync(Configure);
        var now = client.Keys();
        Assert.Equal(keys.KeyId, now.KeyId);
        Assert.NotEqual(keys.Files["seckey.txt"], now.Files["seckey.txt"]);
        Assert.NotEqual(keys.Files["pubkey.txt"], now.Files["pubkey.txt"]);
    }

    [Fact]
    public async Task Empty_files_are_no_keys()
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
    public async Task Half_a_pair_is_left_alone_and_named(string missing)
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

    private async Task<(PackageMachine Client, KeySet Keys)> StartAsync(params string[] missing)
    {
        var client = await PackageMachine.StartAsync(Lab, DebianRelease.Bookworm);
        var keys = await KeySet.OfOriginalAsync(Lab, DebianRelease.Bookworm);
        client.InstallKeys(keys);
        foreach (var name in missing)
            File.Delete(client.Machine.HostPath($"{KeySet.Folder}/{name}"));
        return (client, keys);
    }
}
