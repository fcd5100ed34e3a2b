using System.Text;

namespace Mandos.Interop.Servers;

/// <summary>Our server as a daemon on a Debian machine that has its user.</summary>
public sealed class ServerDaemonTests : InteropTest
{
    [Fact]
    public async Task Started_by_root_the_server_runs_in_the_background_as_its_own_user_and_serves_what_only_root_can_read()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var secret = Stanza.Secret(await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token));
        pair.Server.WriteFile("/root/secret", secret);
        pair.Server.WriteFile("/etc/mandos/clients.conf", $"[client]\nkey_id = {pair.Keys.KeyId}\nsecfile = ~/secret\n");
        // The program too lies where only root may look.
        await pair.Server.ShellAsync(
            $"install -d -m 700 /root/bin && install {Implementation.Ours.Server} /root/bin/mandos && chmod 700 /root && "
                + "/root/bin/mandos --port=8888 --no-zeroconf",
            Token);

        var process = Encoding.ASCII.GetString(pair.Server.ReadFile("/run/mandos.pid")).Trim();
        var status = await pair.Server.ShellAsync($"sed -n '/^Uid\\|^Gid\\|^Groups\\|^CapEff/p' /proc/{process}/status", Token);
        var ids = (await pair.Server.ShellAsync("id -u _mandos; id -g _mandos", Token)).Split('\n');
        Assert.Equal(
            [$"Uid: {ids[0]} {ids[0]} {ids[0]} {ids[0]}", $"Gid: {ids[1]} {ids[1]} {ids[1]} {ids[1]}", "Groups:",
                "CapEff: 0000000000000000"],
            status.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace('\t', ' ').TrimEnd()));

        var done = await MandosClient.RunAsync(pair.Client, Implementation.Original, Token, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    /// <summary>
    /// Exit codes: nothing wrong, something wrong, a wrong command line. An answer that cannot be written is something wrong.
    /// </summary>
    [Theory]
    [InlineData(">/dev/null 2>&-", "0 1 2")]
    [InlineData(">/dev/null 2>/dev/full", "0 1 2")]
    [InlineData(">&-", "1 1 2")]
    [InlineData("<&- >&- 2>&-", "1 1 2")]
    [InlineData(">/dev/full 2>/dev/full", "1 1 2")]
    public async Task Without_any_output_stream_the_exit_code_reports_the_failure(string streams, string codes)
    {
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm);
        machine.WriteFile("/etc/mandos/clients.conf", "");
        machine.WriteFile("/etc/mandos/mandos.conf", "");
        var seen = await machine.ShellAsync(
            $"for a in --check-config '--check-config --configdir=/nonexistent' --nosuch; do ({Implementation.Ours.Server} $a) "
                + $"{streams} && echo 0 || echo $?; done",
            Token);
        Assert.Equal(codes, string.Join(' ', seen.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }
}
