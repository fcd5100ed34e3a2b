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
    internal void A_launch_command_contains_the_ids_the_mode_the_file_and_all_arguments(LaunchMode mode, string word)
    {
        var command = LaunchCommand.Wrap(Plugin, "/proc/self/exe", 123, 65534, mode);
        Assert.Equal("/proc/self/exe", command.Path);
        Assert.Equal(
            ["mandos-client", "launch", "123", "65534", word, "/lib/mandos/plugins.d/own", "own", "--debug", ""], command.Arguments);
    }

    [Fact]
    public void Wrapping_changes_only_the_path_and_arguments_of_a_command()
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
    public async Task Invalid_launch_arguments_are_refused(params string[] arguments) =>
        Assert.Equal(ExitCode.Usage, await Launch.RunAsync(arguments));
}
