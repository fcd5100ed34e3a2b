using Mandos.Client.Runner;

namespace Mandos.Client.Tests.Runner;

public sealed class PluginDirectoryTests : IDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _directory = Directory.CreateTempSubdirectory("mandos-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("mandos-client", true)]
    [InlineData("a b", true)]
    [InlineData("own.sh", true)]
    [InlineData("#half", true)]
    [InlineData("#", true)]
    [InlineData("x.dpkg-dist", true)]
    [InlineData("dpkg-new", true)]
    [InlineData(".hidden", false)]
    [InlineData("#auto#", false)]
    [InlineData("##", false)]
    [InlineData("own~", false)]
    [InlineData("~", false)]
    [InlineData("own.dpkg-new", false)]
    [InlineData("own.dpkg-old", false)]
    [InlineData("own.dpkg-bak", false)]
    [InlineData("own.dpkg-divert", false)]
    [InlineData(".dpkg-new", false)]
    public void Backups_and_hidden_files_are_not_plugins(string name, bool expected) =>
        Assert.Equal(expected, PluginDirectory.IsPluginName(name));

    [Fact]
    public void Executable_regular_files_are_plugins_in_order_of_name()
    {
        Make("b", Executable);
        Make("a", Executable);
        Make("B", Executable);
        Make("not-executable", UnixFileMode.UserRead);
        Make("c~", Executable);
        Directory.CreateDirectory(Path.Combine(_directory, "folder"));
        File.CreateSymbolicLink(Path.Combine(_directory, "link"), "b");
        File.CreateSymbolicLink(Path.Combine(_directory, "dangling"), "nowhere");
        var plugins = PluginDirectory.Read(_directory, out var error);
        Assert.Empty(error);
        Assert.Equal(["B", "a", "b", "link"], plugins!.Select(plugin => plugin.Name));
        Assert.Equal(Path.Combine(_directory, "B"), plugins![0].Path);
        Assert.All(plugins, plugin => Assert.False(plugin.IsOwn));
    }

    [Fact]
    public void A_link_to_the_running_executable_is_one_of_our_plugins()
    {
        File.CreateSymbolicLink(Path.Combine(_directory, "mandos-client"), Environment.ProcessPath!);
        Assert.True(Assert.Single(PluginDirectory.Read(_directory, out _)!).IsOwn);
    }

    [Fact]
    public void A_missing_directory_is_reported_with_its_name()
    {
        Assert.Null(PluginDirectory.Read("/nonexistent/plugins.d", out var error));
        Assert.Contains("\"/nonexistent/plugins.d\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_not_a_directory() => Assert.Null(PluginDirectory.Read("/etc/passwd", out _));

    [Theory]
    [InlineData("mandos-client", true, true, false)]
    [InlineData("plymouth", true, true, false)]
    [InlineData("askpass-fifo", true, true, false)]
    [InlineData("any-other-name-of-the-client", true, true, false)]
    [InlineData("plugin-runner", true, false, false)]
    [InlineData("launch", true, false, false)]
    [InlineData("password-prompt", true, false, true)]
    [InlineData("mandos-client", false, false, false)]
    [InlineData("password-prompt", false, false, false)]
    public void Only_our_own_programs_act_as_root_and_only_our_own_prompt_owns_the_terminal(
        string name, bool isOwn, bool root, bool terminal)
    {
        var plugin = new Plugin(name, $"/lib/mandos/plugins.d/{name}", isOwn);
        Assert.Equal((root, terminal), (plugin.NeedsRoot, plugin.OwnsTerminal));
    }

    [Theory]
    [InlineData("password-prompt", true)]
    [InlineData("plymouth", true)]
    [InlineData("mandos-client", false)]
    [InlineData("askpass-fifo", false)]
    [InlineData("own", false)]
    public void An_empty_line_is_a_password_only_from_a_plugin_that_reads_typed_input(string name, bool expected) =>
        Assert.Equal(expected, new Plugin(name, name, isOwn: false).IsTyped);

    [Fact]
    public void Only_our_own_client_gets_more_than_two_seconds_to_stop()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), new Plugin("mandos-client", "", isOwn: false).Grace);
        Assert.Equal(TimeSpan.FromSeconds(2), new Plugin("plymouth", "", isOwn: true).Grace);
        Assert.True(new Plugin("mandos-client", "", isOwn: true).Grace > TimeSpan.FromSeconds(30));
    }

    private void Make(string name, UnixFileMode mode)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, "#!/bin/sh\n");
        File.SetUnixFileMode(path, mode);
    }
}
