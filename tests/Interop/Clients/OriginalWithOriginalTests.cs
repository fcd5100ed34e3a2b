namespace Mandos.Interop.Clients;

/// <summary>Proves the laboratory itself: the original's two ends find each other in it.</summary>
public sealed class OriginalWithOriginalTests : InteropTest
{
    private static readonly byte[] Password = "correct horse\n"u8.ToArray();

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(r => r.Suite)];

    [Theory, MemberData(nameof(Releases))]
    public async Task The_originals_client_gets_its_password_by_address(string suite)
    {
        var client = await ClientAsync(DebianRelease.Named(suite), zeroconf: false);
        var done = await MandosClient.RunAsync(client, Implementation.Original, Token, "--connect=10.1.0.1:8888");
        Assert.Equal(Password, done.OrThrow().Output);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_originals_client_gets_its_password_by_multicast(string suite)
    {
        var client = await ClientAsync(DebianRelease.Named(suite), zeroconf: true);
        var done = await MandosClient.RunAsync(client, Implementation.Original, Token);
        Assert.Equal(Password, done.OrThrow().Output);
    }

    private async Task<Machine> ClientAsync(DebianRelease release, bool zeroconf)
    {
        var segment = await Lab.SwitchAsync();
        var server = await Lab.MachineAsync("server", release, segment, "10.1.0.1/24");
        var client = await Lab.MachineAsync("client", release, segment, "10.1.0.2/24");
        var keys = await KeySet.OfOriginalAsync(Lab, release);
        keys.InstallOn(client);
        var stanza = await keys.StanzaAsync(client, Password, Token);
        await MandosServer.StartAsync(server, Implementation.Original, new() { Clients = stanza, Zeroconf = zeroconf }, Token);
        return client;
    }
}
