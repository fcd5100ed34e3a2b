using Mandos.Client.Hosting;

namespace Mandos.Client.Tests;

public sealed class BootProgramTests
{
    [Theory]
    [InlineData("/lib/mandos/plugin-runner", new[] { "plymouth" }, "plugin-runner", new[] { "plymouth" })]
    [InlineData("password-agent", new[] { "--test" }, "password-agent", new[] { "--test" })]
    [InlineData("mandos-client", new[] { "plymouth", "--debug" }, "plymouth", new[] { "--debug" })]
    [InlineData("mandos-client", new[] { "--debug", "plymouth" }, "mandos-client", new[] { "--debug", "plymouth" })]
    [InlineData("./mandos-client", new string[0], "mandos-client", new string[0])]
    [InlineData("mandos-client", new[] { "password-cache", "give" }, "password-cache", new[] { "give" })]
    [InlineData("", new[] { "askpass-fifo" }, "askpass-fifo", new string[0])]
    public void A_program_is_chosen_by_its_name_or_by_the_first_argument(
        string invokedAs, string[] arguments, string expected, string[] left)
    {
        IReadOnlyList<string> rest = arguments;
        Assert.Equal(expected, BootProgram.Find(invokedAs, ref rest).Name);
        Assert.Equal(left, rest);
    }

    [Fact]
    public void Each_role_name_is_in_the_table() => Assert.Equal(RoleNames.Others.Order(), BootProgram.Roles.Order());

    [Theory]
    [InlineData(0, ExitCode.Success)]
    [InlineData(1, ExitCode.Failure)]
    [InlineData(64, ExitCode.Usage)]
    [InlineData(69, ExitCode.Unavailable)]
    [InlineData(70, ExitCode.Software)]
    [InlineData(71, ExitCode.OsError)]
    [InlineData(75, ExitCode.TemporaryFailure)]
    public void Exit_codes_match_sysexits(int expected, int actual) => Assert.Equal(expected, actual);
}
