namespace Mandos.Interop.Servers;

/// <summary>Our server reads its configuration again while Debian's client waits in a connection.</summary>
public sealed class ServerReloadTests : InteropTest
{
    private const string Connect = $"--connect={Pair.ServerIPv4}:8888";
    private const UnixFileMode RootAlone = (UnixFileMode)0b110_000_000;

    [Fact]
    public async Task A_reload_adds_changes_and_removes_clients_at_once_and_drops_no_connection()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var held = $"{await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token)}\napproval_delay = PT10S\n";
        var leaving = await KeySet.OfOursAsync(pair.Client, Token, "--name=leaving");
        var coming = await KeySet.OfOursAsync(pair.Client, Token, "--name=coming");
        var server = await MandosServer.StartAsync(
            pair.Server, Implementation.Ours,
            new() { Clients = held + Named("leaving", await leaving.StanzaAsync(pair.Client, Password.Plain, Token)) }, Token);

        await using var client = MandosClient.Start(pair.Client, Implementation.Original, Connect);
        await server.Process.WaitForLineAsync("TLS 1.3, ", TimeSpan.FromSeconds(20), Token);
        pair.Server.WriteFile(
            "/etc/mandos/clients.conf", held.Replace("PT10S", "PT9S", StringComparison.Ordinal)
                + Named("coming", await coming.StanzaAsync(pair.Client, Password.Plain, Token)), RootAlone);
        server.Process.Signal("HUP");
        await server.Process.WaitForLineAsync(
            "reloaded clients [(]mandos.conf is not reloaded[)]: 2 clients, 3 changed, added or removed$", TimeSpan.FromSeconds(20),
            Token);

        coming.InstallOn(pair.Client);
        Assert.Equal(Password.Plain, (await MandosClient.RunAsync(pair.Client, Implementation.Original, Token, Connect)).OrThrow().Output);
        leaving.InstallOn(pair.Client);
        await using (var gone = MandosClient.Start(pair.Client, Implementation.Original, Connect))
            await server.Process.WaitForLineAsync($"unknown key_id {leaving.KeyId}", TimeSpan.FromSeconds(20), Token);
        Assert.Equal(Password.Plain, (await client.WaitAsync(TimeSpan.FromSeconds(30), Token)).OrThrow().Output);
    }

    [Fact]
    public async Task A_file_that_cannot_be_parsed_changes_nothing()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var server = await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        pair.Server.WriteFile("/etc/mandos/clients.conf", "[client\nhost\n", RootAlone);
        server.Process.Signal("HUP");
        await server.Process.WaitForLineAsync("nothing changed", TimeSpan.FromSeconds(20), Token);
        Assert.Equal(Password.Plain, (await MandosClient.RunAsync(pair.Client, Implementation.Original, Token, Connect)).OrThrow().Output);
    }

    private static string Named(string name, string stanza) => stanza.Replace("[client]", $"[{name}]", StringComparison.Ordinal);
}
