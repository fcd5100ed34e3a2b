namespace Mandos.Client.Tests;

public sealed class BootProgramTests
{
    [Theory]
    [InlineData("/lib/mandos/plugin-runner", new string[0], "plugin-runner")]
    [InlineData("password-agent", new[] { "--test" }, "password-agent")]
    [InlineData("mandos-client", new[] { "plymouth", "--debug" }, "plymouth")]
    [InlineData("mandos-client", new[] { "--debug", "plymouth" }, null)]
    [InlineData("./mandos-client", new string[0], null)]
    [InlineData("", new[] { "askpass-fifo" }, "askpass-fifo")]
    public void Programs_of_later_versions_are_known_by_name_and_by_first_argument(string invokedAs, string[] arguments, string? expected) =>
        Assert.Equal(expected, BootProgram.LaterProgram(invokedAs, arguments));

    [Fact]
    public async Task A_program_of_a_later_version_is_unavailable() =>
        Assert.Equal(69, await BootProgram.RunAsync("mandos-client", ["password-prompt"]));

    [Theory]
    [InlineData(0, ExitCode.Success)]
    [InlineData(1, ExitCode.Failure)]
    [InlineData(64, ExitCode.Usage)]
    [InlineData(69, ExitCode.Unavailable)]
    [InlineData(70, ExitCode.Software)]
    [InlineData(71, ExitCode.OsError)]
    [InlineData(75, ExitCode.TemporaryFailure)]
    public void Exit_codes_are_those_of_sysexits(int expected, int actual) => Assert.Equal(expected, actual);
}
