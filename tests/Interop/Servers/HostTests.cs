namespace Mandos.Interop.Servers;

/// <summary>Tests leave the machine they run on alone.</summary>
public sealed class HostTests : InteropTest
{
    [Fact]
    public async Task A_whole_exchange_leaves_no_trace_on_the_host()
    {
        var interfaces = Interfaces();
        var segment = await Lab.SwitchAsync();
        var server = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment);
        var client = await Lab.MachineAsync("client", DebianRelease.Bookworm, segment);
        var keys = await KeySet.OfOursAsync(client, Token);
        keys.InstallOn(client);
        var stanza = await keys.StanzaAsync(client, Password.Plain, Token);
        await MandosServer.StartAsync(server, Implementation.Original, new() { Clients = stanza, Zeroconf = true }, Token);
        (await MandosClient.RunAsync(client, Implementation.Ours, Token)).OrThrow();

        // While all of it still runs:
        Assert.DoesNotContain(
            await File.ReadAllLinesAsync("/proc/self/mountinfo", Token), l => l.Contains(" laboratory ", StringComparison.Ordinal));
        Assert.DoesNotContain(Interfaces().Except(interfaces), n => n.StartsWith("port", StringComparison.Ordinal) || n == "bridge");
        Assert.DoesNotContain(
            await File.ReadAllLinesAsync("/proc/net/tcp6", Token),
            l => l.Contains($":{8888:X4} 00000000000000000000000000000000:0000 0A", StringComparison.Ordinal));
        Assert.NotEqual("server", Environment.MachineName);
    }

    [Fact]
    public async Task When_the_tests_are_killed_their_machines_stop()
    {
        var machine = await Lab.MachineAsync("short", DebianRelease.Bookworm);
        machine.Start(new() { Input = null }, "/usr/bin/sleep", "1000");
        // It is nsenter and env first.
        await machine.ShellAsync("until pgrep -x sleep; do sleep 0.1; done", Token);
        // What happens when this process dies: the kernel closes the pipe that process 1 of the machine reads.
        machine.CloseInput();
        for (var tries = 0; Directory.Exists($"/proc/{machine.ProcessId}"); tries++)
        {
            Assert.True(tries < 1200, "the machine still runs");
            await Task.Delay(50, Token);
        }
    }

    private static string[] Interfaces() => [.. Directory.EnumerateDirectories("/sys/class/net").Select(d => Path.GetFileName(d)!)];
}
