namespace Mandos.Interop.Clients;

/// <summary>The network process is forked before the runtime starts; where that fails, the program executes itself.</summary>
public sealed class PreparedProcessTests : InteropTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("trace=execve", 1)]
    [InlineData("inject=socketpair:error=EMFILE:when=1", 2)]
    [InlineData("inject=sendmsg:error=EPIPE:when=1", 2)]
    public async Task A_fetch_executes_the_program_once_and_a_second_time_only_if_the_fork_fails(string fault, int executions)
    {
        const string trace = "/run/trace";
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        var done = await pair.Client.RunAsync(
            new(), Patience, Token, "/usr/bin/strace",
            ["-f", "-qq", "-o", trace, "-e", "trace=execve,socketpair,sendmsg", "-e", fault, Implementation.Ours.Client,
                .. KeySet.ClientOptions, $"--connect={Pair.ServerIPv4}:8888"]);
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        var calls = StraceLog.Calls(pair.Client.ReadFile(trace));
        Assert.Equal(
            executions,
            calls.Count(line => line.Contains("execve(", StringComparison.Ordinal) && !line.Contains("ENOENT", StringComparison.Ordinal)));
        Assert.Equal(
            fault.StartsWith("inject", StringComparison.Ordinal), calls.Any(line => line.EndsWith("(INJECTED)", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_network_process_has_its_own_arguments_no_environment_and_no_descriptors_of_its_parent()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        // Nothing listens there: it looks for the password until the time is over.
        var found = await pair.Client.ShellAsync(
            $"export MARK=environment; exec 9</etc/passwd; {Implementation.Ours.Client} {string.Join(' ', KeySet.ClientOptions)} "
                + $"--connect={Pair.ServerIPv4}:8888 2>/dev/null >/run/out & " +
            "for i in $(seq 100); do child=$(cat /proc/$!/task/$!/children); [ -z \"$child\" ] || ! tr '\\0' ' ' </proc/${child% "
                + "}/cmdline | grep -q network-process || break; sleep 0.1; done; " +
            "child=${child% }; tr '\\0' ' ' </proc/$child/cmdline; echo; grep -c MARK=environment /proc/$child/environ || true; "
                + "readlink /proc/$child/fd/* | grep -c -e /etc/passwd -e /run/out || true; kill $!; wait $! || true",
            Token);
        Assert.Matches("^mandos-client network-process [^\n]*\n0\n0\n", found);
    }
}
