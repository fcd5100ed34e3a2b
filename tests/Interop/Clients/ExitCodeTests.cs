namespace Mandos.Interop.Clients;

/// <summary>Where no password can be had the client ends as the original does.</summary>
public sealed class ExitCodeTests : InteropTest
{
    private const int Usage = 64, Unavailable = 69;

    [Fact]
    public async Task A_wrong_command_line_and_help_exit_as_the_original_does()
    {
        var client = (await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519")).Client;
        foreach (var argument in new[]
        {
            "--nosuch", "operand", "--connect=10.1.0.1", "--connect=10.1.0.1:ssh", "--connect=10.1.0.1:65536", "--delay=soon", "--retry=-1",
            "--dh-bits=many",
            "--help", "--usage", "--version",
        })
        {
            foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
            {
                var done = await MandosClient.RunAsync(client, implementation, Token, argument);
                Assert.Equal((argument, implementation, Usage), (argument, implementation, done.ExitCode));
                Assert.Equal(
                    (argument, implementation, argument is "--help" or "--usage" or "--version"),
                    (argument, implementation, done.Output.Length > 0));
            }
        }
    }

    [Theory]
    [InlineData("--tls-privkey=/nonexistent")]
    [InlineData("--tls-pubkey=/nonexistent")]
    [InlineData("--tls-privkey=/etc/passwd")]
    [InlineData("--pubkey=/nonexistent")]
    [InlineData("--seckey=/nonexistent")]
    [InlineData("--seckey=/etc/passwd")]
    public async Task Unusable_keys_give_the_same_exit_code_as_with_the_original(string option)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
        {
            var done = await MandosClient.RunAsync(pair.Client, implementation, Token, $"--connect={Pair.ServerIPv4}:8888", option);
            Assert.Equal((implementation, Unavailable), (implementation, done.ExitCode));
            Assert.Empty(done.Output);
        }
    }

    [Fact]
    public async Task Options_without_effect_are_reported_in_debug_output_only()
    {
        var client = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        string[] options = ["--dh-bits=2048", "--dh-params=/nonexistent"];
        var debug = await MandosClient.RunAsync(client, Implementation.Ours, Token, [.. options, "--debug"]);
        Assert.All(new[] { "--dh-bits", "--dh-params" }, o => Assert.Matches($"{o}.*no effect", debug.Errors));
        Assert.DoesNotContain(
            "--dh", (await MandosClient.RunAsync(client, Implementation.Ours, Token, options)).Errors, StringComparison.Ordinal);
    }
}
