namespace Mandos.Interop.Clients;

/// <summary>A kernel without one of the two walls around the network process, as strace(1) plays it.</summary>
public sealed class RequiredSandboxTests : InteropTest
{
    private const string NoLandlock = "inject=landlock_create_ruleset:error=EOPNOTSUPP", NoSeccomp = "inject=seccomp:error=ENOSYS";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(NoLandlock, "no landlock: Operation not supported")]
    [InlineData("inject=landlock_restrict_self:error=EPERM", "no landlock: Operation not permitted")]
    [InlineData(NoSeccomp, "no system call filter: Function not implemented")]
    public async Task With_the_option_the_client_exits_with_71_and_reports_what_is_missing(string fault, string reason)
    {
        var pair = await ServedAsync();
        var done = await RunAsync(pair, fault, "--require-sandbox");
        Assert.Equal(71, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.Equal($"mandos-client: error: --require-sandbox: {reason}\n", done.Errors);
    }

    [Theory]
    [InlineData(NoLandlock, "")]
    [InlineData(NoSeccomp, "mandos-client: warning: no system call filter: Function not implemented\n")]
    public async Task Without_the_option_the_client_continues_with_the_rest_of_the_sandbox(string fault, string errors)
    {
        var pair = await ServedAsync();
        var done = await RunAsync(pair, fault);
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.Equal(errors, done.Errors);
    }

    [Fact]
    public async Task With_the_full_sandbox_the_option_changes_nothing()
    {
        var pair = await ServedAsync();
        Assert.Equal(Password.Plain, (await RunAsync(pair, "trace=seccomp", "--require-sandbox")).OrThrow().Output);
    }

    private async Task<Pair> ServedAsync()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        return pair;
    }

    private static Task<CompletedProcess> RunAsync(Pair pair, string fault, params IEnumerable<string> options) => pair.Client.RunAsync(
        new(), Patience, Token, "/usr/bin/strace",
        ["-f", "-qq", "-o", "/run/trace", "-e", fault, Implementation.Ours.Client, .. KeySet.ClientOptions,
            $"--connect={Pair.ServerIPv4}:8888", .. options]);
}
