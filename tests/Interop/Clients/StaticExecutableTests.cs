namespace Mandos.Interop.Clients;

/// <summary>The published boot executable needs nothing but itself.</summary>
public sealed class StaticExecutableTests : InteropTest
{
    private const string Root = "/run/empty";

    [Fact]
    public async Task Ldd_finds_no_library()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var done = await machine.RunAsync(new(), TimeSpan.FromSeconds(10), Token, "/usr/bin/ldd", Implementation.Ours.Client);
        Assert.Matches("not a dynamic executable|statically linked", done.Text + done.Errors);
    }

    [Theory]
    [InlineData("RSA-4096", "--connect")]
    [InlineData("Curve25519", "--connect")]
    [InlineData("Curve25519", "multicast")]
    public async Task The_client_fetches_in_an_empty_root_and_opens_no_library(string keys, string route)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Trixie, keys);
        await pair.ServeAsync(Implementation.Original, Password.Plain, options => options with { Zeroconf = route == "multicast" }, Token);
        await pair.Client.ShellAsync($"mkdir {Root}; cp {Implementation.Ours.Client} {KeySet.Folder}/* {Root}", Token);
        const string trace = "/run/laboratory/trace";
        var done = await pair.Client.RunAsync(
            new(), TimeSpan.FromSeconds(40), Token, "/usr/bin/strace",
            [
                "-f", "-qq", "-o", trace, "-e", "trace=execve,execveat,open,openat,openat2,uselib", "chroot", Root, "/mandos-client",
                "--pubkey=/pubkey.txt", "--seckey=/seckey.txt", "--tls-pubkey=/tls-pubkey.pem", "--tls-privkey=/tls-privkey.pem",
                .. route == "multicast" ? Array.Empty<string>() : [$"--connect={Pair.ServerIPv4}:8888"],
            ]);
        Assert.Equal(Password.Plain, done.OrThrow().Output);

        // What comes before is chroot(1), which is a dynamic program.
        var calls = StraceLog.Calls(pair.Client.ReadFile(trace))
            .SkipWhile(l => !l.Contains("execve(\"/mandos-client\"", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(calls);
        Assert.DoesNotContain(calls, l => l.Contains(".so", StringComparison.Ordinal));
        Assert.DoesNotContain(
            calls,
            l => l.Contains("/lib", StringComparison.Ordinal) && !l.Contains("\"/lib/mandos/network-hooks.d", StringComparison.Ordinal));
        Assert.All(
            calls.Where(l => l.Contains("exec", StringComparison.Ordinal)),
            l => Assert.Matches("execve\\(\"(/mandos-client|/proc/self/exe)\"", l));
        Assert.Contains(calls, l => l.Contains("seckey.txt", StringComparison.Ordinal));
    }
}
