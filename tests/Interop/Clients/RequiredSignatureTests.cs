using System.Text.RegularExpressions;

namespace Mandos.Interop.Clients;

/// <summary>Messages of gpg with and without a signature, from both servers, to a client with and without --require-signature.</summary>
public sealed class RequiredSignatureTests : InteropTest
{
    private const string Refused =
        "mandos-client: warning: server 10\\.1\\.0\\.1:8888: its message is refused \\(--require-signature\\): .*not signed";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Servers => [Implementation.Original.Name, Implementation.Ours.Name];

    [Theory, MemberData(nameof(Servers))]
    public async Task An_unsigned_message_is_refused_with_the_reason_and_the_server_is_asked_again(string server)
    {
        var pair = await ServedAsync(server, sign: "");
        await using var client = MandosClient.Start(
            pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888", "--require-signature", "--retry=0.3", "--debug");
        for (var asked = 0; asked < 2; asked++)
            await client.WaitForLineAsync("its message is refused \\(--require-signature\\): ", Limit, Token);
        client.Signal("TERM");
        var done = await client.WaitAsync(Limit, Token);
        Assert.Empty(done.Output);
        Assert.Equal(128 + 15, done.ExitCode);
    }

    [Fact]
    public async Task The_reason_is_a_warning_once_and_the_client_keeps_searching_after_the_grace_period()
    {
        var pair = await ServedAsync(Implementation.Ours.Name, sign: "");
        await using var client = MandosClient.Start(
            pair.Client, Implementation.Ours, $"--server={Pair.ServerIPv4}:8888", "--interface=eth0", "--require-signature", "--retry=0.3");
        await client.WaitForLineAsync(Refused, Limit, Token);
        // Without the option the password would be there by then.
        await Task.Delay(TimeSpan.FromSeconds(4), Token);
        Assert.False(client.HasExited, client.Errors);
        client.Signal("TERM");
        var done = await client.WaitAsync(Limit, Token);
        Assert.Empty(done.Output);
        Assert.Single(Regex.Matches(done.Errors, Refused));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Without_the_option_an_unsigned_message_is_used_after_the_grace_period_with_warnings(string server)
    {
        var pair = await ServedAsync(server, sign: "");
        var done = await MandosClient.RunAsync(
            pair.Client, Implementation.Ours, Token, $"--server={Pair.ServerIPv4}:8888", "--interface=eth0");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.Contains("its message is not signed; waiting 3 s for a server with a signed one\n", done.Errors, StringComparison.Ordinal);
        Assert.Contains("using the password from the unsigned one\n", done.Errors, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_signed_message_is_used_at_once(string server)
    {
        var pair = await ServedAsync(server, sign: "--sign");
        var done = await MandosClient.RunAsync(
            pair.Client, Implementation.Ours, Token, $"--server={Pair.ServerIPv4}:8888", "--interface=eth0", "--require-signature");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.DoesNotContain("signed", done.Errors, StringComparison.Ordinal);
    }

    /// <summary>A message for the client's key, from a gpg that has the secret one as well.</summary>
    private async Task<Pair> ServedAsync(string server, string sign)
    {
        const string folder = "/run/laboratory";
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        pair.Client.WriteFile($"{folder}/password", Password.Plain);
        await pair.Client.ShellAsync(
            $"gpg --batch --import {KeySet.Folder}/seckey.txt; gpg --batch --trust-model=always --encrypt {sign} --recipient client "
                + $"--output {folder}/message {folder}/password",
            Token);
        var clients = Stanza.Make("client", pair.Keys.KeyId, pair.Client.ReadFile($"{folder}/message"));
        var implementation = server == Implementation.Ours.Name ? Implementation.Ours : Implementation.Original;
        await MandosServer.StartAsync(pair.Server, implementation, new() { Clients = clients }, Token);
        return pair;
    }
}
