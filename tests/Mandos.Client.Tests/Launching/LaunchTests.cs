using Mandos.Client.Hosting;
using Mandos.Client.Launching;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Tests.Launching;

public sealed class LaunchTests
{
    private static readonly ChildCommand Plugin = new()
    {
        Path = "/lib/mandos/plugins.d/own",
        Arguments = ["own", "--debug", ""],
        Environment = ["A=b"],
        Descriptors = [new(7, 1)],
        NewProcessGroup = true,
    };

    [Theory]
    [InlineData(LaunchMode.Drop, "drop")]
    [InlineData(LaunchMode.KeepRoot, "keep-root")]
    internal void A_launch_names_ids_mode_file_and_the_whole_argument_vector(LaunchMode mode, string word)
    {
        var command = LaunchCommand.Wrap(Plugin, "/proc/self/exe", 123, 65534, mode);
        Assert.Equal("/proc/self/exe", command.Path);
        Assert.Equal(
            ["mandos-client", "launch", "123", "65534", word, "/lib/mandos/plugins.d/own", "own", "--debug", ""], command.Arguments);
    }

    [Fact]
    public void Everything_else_of_the_command_stays()
    {
        var command = LaunchCommand.Wrap(Plugin, "/proc/self/exe", 1, 1, LaunchMode.Drop);
        Assert.Equal(Plugin, command with { Path = Plugin.Path, Arguments = Plugin.Arguments });
    }

    [Theory]
    [InlineData]
    [InlineData("65534", "65534", "drop", "/bin/true")]
    [InlineData("4294967295", "65534", "drop", "/bin/true", "true")]
    [InlineData("65534", "-1", "drop", "/bin/true", "true")]
    [InlineData("65534", "65534", "keep", "/bin/true", "true")]
    public async Task What_is_no_launch_is_refused(params string[] arguments) =>
        Assert.Equal(ExitCode.Usage, await Launch.RunAsync(arguments));
}
