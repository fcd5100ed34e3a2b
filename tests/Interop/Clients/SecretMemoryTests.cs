namespace Mandos.Interop.Clients;

/// <summary>Where secrets lie in the memory of running processes: in locked pages that are left out of dumps, and nowhere else.</summary>
public sealed class SecretMemoryTests : InteropTest
{
    [Theory]
    [InlineData("RSA-4096")]
    [InlineData("Curve25519")]
    public async Task A_waiting_client_has_its_secret_key_only_in_locked_pages(string kind)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, kind);
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        await using var client = MandosClient.Start(pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888");
        await silent.WaitForConnectionAsync(Token);

        var secrets = SecretParts.OfKeys(pair.Keys);
        var findings = new[] { client.Inner() }.Concat(ProcessTree.Descendants(client.Inner()))
            .SelectMany(process => ProcessPages.Search(process, secrets))
            .ToList();
        // The search finds what is there: the key has to be somewhere.
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.True(finding.IsLocked, finding.ToString()));
    }

    [Theory]
    [InlineData("RSA-4096")]
    [InlineData("TLS ed25519")]
    [InlineData("TLS secp256r1")]
    [InlineData("TLS secp521r1")]
    [InlineData("TLS rsa")]
    public async Task After_a_failed_decryption_the_client_has_its_secret_keys_only_in_locked_pages(string kind)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, kind);
        // The private operation runs; what comes out fits no data.
        var stanza = await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token);
        await MandosServer.StartAsync(pair.Server, Implementation.Ours, new() { Clients = Spoiled(stanza) }, Token);
        await using var client = MandosClient.Start(pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888", "--retry=1000");
        await client.WaitForLineAsync("cannot be decrypted", TimeSpan.FromSeconds(20), Token);

        var secrets = SecretParts.OfKeys(pair.Keys);
        var findings = new[] { client.Inner() }.Concat(ProcessTree.Descendants(client.Inner()))
            .SelectMany(process => ProcessPages.Search(process, secrets))
            .ToList();
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.True(finding.IsLocked, finding.ToString()));
    }

    [Fact]
    public async Task A_server_that_delivered_a_secret_never_holds_the_password_in_memory()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var stanza = await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token);
        var server = await MandosServer.StartAsync(pair.Server, Implementation.Ours, new() { Clients = stanza }, Token);
        Assert.Equal(
            Password.Plain,
            (await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={Pair.ServerIPv4}:8888")).OrThrow().Output);
        Assert.Empty(ProcessPages.Search(server.Process.Inner(), new Dictionary<string, byte[]> { ["the password"] = Password.Plain }));
    }

    /// <summary>The stanza with one letter in the middle of the encrypted data changed.</summary>
    private static string Spoiled(string stanza)
    {
        var lines = stanza.Split('\n');
        var last = Array.FindLastIndex(lines, line => line.StartsWith("    ", StringComparison.Ordinal)) - 1;
        var letter = lines[last][20];
        lines[last] = lines[last][..20] + (letter == 'A' ? 'B' : 'A') + lines[last][21..];
        return string.Join('\n', lines);
    }
}
