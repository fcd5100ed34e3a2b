using System.Text;

namespace Mandos.Interop.Servers;

/// <summary>
/// A client's secret in the memory of the server: in locked pages only, whatever was done with it. Its text, as in clients.conf, is
/// not kept at all.
/// </summary>
public sealed class ServerSecretMemoryTests : InteropTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly string[] ClientArguments = ["--retry=1000", $"--connect={Pair.ServerIPv4}:8888"];

    [Theory]
    [InlineData(40)]
    [InlineData(60_000)]
    public async Task A_server_holds_secrets_only_in_locked_pages(int length)
    {
        var password = new byte[length];
        new Random(4712).NextBytes(password);
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var stanza = await pair.Keys.StanzaAsync(pair.Client, password, Token);
        var options = new ServerOptions { Clients = stanza, Bus = true };
        var server = await MandosServer.StartAsync(pair.Server, Implementation.Ours, options, Token);
        var secret = Stanza.Secret(stanza);
        AssertLocked("after the start", server, secret);

        await FetchAsync();
        AssertLocked("after a fetch", server, secret);

        var other = Stanza.Make("other", new string('a', 64), [1, 2, 3]);
        pair.Server.WriteFile(
            "/etc/mandos/clients.conf", $"[DEFAULT]\nchecker = test -d /\n\n{stanza}\n{other}", (UnixFileMode)0b110_100_100);
        server.Process.Signal("HUP");
        await server.Process.WaitForLineAsync("other", Limit, Token);
        await FetchAsync();
        AssertLocked("after a reload", server, secret);

        var process = server.Process.Inner();
        server.Process.Signal("TERM");
        await server.Process.WaitForLineAsync("stopped", Limit, Token);
        // What entered the machine was stopped together with the server by the search, and does not report its end.
        await UntilAsync(() => ProcessTree.Status(process, "VmSize").Length == 0);
        server = await MandosServer.StartAgainAsync(pair.Server, Implementation.Ours, options, Token);
        AssertLocked("after a restart", server, secret);
        await FetchAsync();
        AssertLocked("after a restart and a fetch", server, secret);

        async Task FetchAsync() =>
            Assert.Equal(
                password, (await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, ClientArguments)).OrThrow().Output);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition() && TimeProvider.System.GetElapsedTime(began) < Limit)
            await Task.Delay(20, Token);
        Assert.True(condition());
    }

    private static void AssertLocked(string when, MandosServer server, byte[] secret)
    {
        var parts = SecretParts.OfBytes("the secret", secret);
        var text = SecretParts.OfBytes("its text", Encoding.ASCII.GetBytes(Convert.ToBase64String(secret)));
        var findings = ProcessPages.Search(server.Process.Inner(), parts.Concat(text).ToDictionary());
        var unlocked = findings.Where(finding => !finding.IsLocked).Select(finding => $"{when}: {finding}");
        if (unlocked.Any())
            Assert.Fail(string.Join("\n", unlocked));
        // The search finds what is there.
        Assert.Equal(parts.Keys.Order(), findings.Select(finding => finding.What).Distinct().Order());
    }
}
