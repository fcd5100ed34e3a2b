namespace Mandos.Interop.Servers;

/// <summary>Our client in the place of the original's, among the original's other programs, diverted as dpkg offers it.</summary>
public sealed class SwitchOverTests : InteropTest
{
    private const string Folder = "/usr/lib/x86_64-linux-gnu/mandos";

    /// <summary>
    /// That runner gives up root before it starts plugins: without the set-uid bit no plugin could bring up the interface. And
    /// it starts whatever is in the folder and has no name of a backup.
    /// </summary>
    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task The_originals_plugin_runner_runs_our_client_instead_of_its_own(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Named(release), "Curve25519");
        await pair.ServeAsync(Implementation.Original, Password.Plain, Token);
        await pair.Client.ShellAsync(
            $"""
            cd /usr/lib/*/mandos/plugins.d
            dpkg-divert --divert $PWD/mandos-client.dpkg-divert --rename --add $PWD/mandos-client
            install -m 4755 {Implementation.Ours.Client} .
            """,
            Token);
        await pair.Client.ShellAsync(
            // The same as in the image: folder and keys belong to the user whom the runner becomes.
            $"""
            chown _mandos {Folder}/plugins.d {KeySet.Folder} {KeySet.Folder}/*
            printf '#!/bin/sh\ntouch /tmp/ran\n' >{Folder}/plugins.d/mandos-client.dpkg-divert
            chmod 755 {Folder}/plugins.d/mandos-client.dpkg-divert
            ip link set eth0 down
            """,
            Token);
        var ids = (await pair.Client.ShellAsync("id -u _mandos; id -g _mandos", Token)).Split('\n');
        var done = await pair.Client.RunAsync(
            new(), TimeSpan.FromSeconds(20), Token, $"{Folder}/plugin-runner",
            $"--plugin-dir={Folder}/plugins.d", "--config-file=/nonexistent", $"--userid={ids[0]}", $"--groupid={ids[1]}",
            $"--options-for=mandos-client:{string.Join(',', KeySet.ClientOptions)},--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.DoesNotContain(",UP", await pair.Client.ShellAsync("ip -o link show eth0", Token), StringComparison.Ordinal);
        Assert.Equal("no\n", await pair.Client.ShellAsync("test ! -e /tmp/ran && echo no", Token));

        await pair.Client.ShellAsync(
            "cd /usr/lib/*/mandos/plugins.d; rm mandos-client; dpkg-divert --rename --remove $PWD/mandos-client", Token);
        Assert.Equal("mandos-client\n", await pair.Client.ShellAsync($"ls {Folder}/plugins.d | grep mandos-client", Token));
    }
}
