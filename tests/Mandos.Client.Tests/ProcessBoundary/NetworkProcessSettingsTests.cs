using Mandos.Client.CommandLine;
using Mandos.Client.ProcessBoundary;

namespace Mandos.Client.Tests.ProcessBoundary;

public sealed class NetworkProcessSettingsTests
{
    [Fact]
    public void Settings_survive_being_passed_on_the_command_line()
    {
        var options = new ClientOptions
        {
            Connect = Address("[fe80::1%eth0]:1"),
            Servers = [Address("10.0.0.1:2"), Address("[::1]:3")],
            Retry = TimeSpan.FromSeconds(0.1),
            Delay = TimeSpan.FromSeconds(3.7),
            Priority = "SECURE128:%PROFILE_ULTRA",
            RequireSandbox = true,
            RequireSignature = true,
            Debug = true,
        };
        var words = (NetworkProcessSettings.From(options) with { User = 123, Group = 456 }).ToArguments();
        Assert.Equal(NetworkProcessSettings.Role, words[0]);
        var read = NetworkProcessSettings.Parse([.. words.Skip(1)])!;
        Assert.Equal(options.Connect, read.Connect);
        Assert.Equal(options.Servers, read.Servers);
        Assert.Equal(options.Retry, read.Retry);
        Assert.Equal(options.Delay, read.Delay);
        Assert.Equal(options.Priority, read.Priority);
        Assert.True(read.RequireSandbox);
        Assert.True(read.Debug);
        Assert.False(NetworkProcessSettings.Parse([.. NetworkProcessSettings.From(new()).ToArguments().Skip(1)])!.RequireSandbox);
        Assert.Equal((123u, 456u), (read.User, read.Group));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("user=0")]
    [InlineData("retry=-1")]
    [InlineData("connect=host:1")]
    public void Settings_that_no_supervisor_sends_are_refused(string word) => Assert.Null(NetworkProcessSettings.Parse([word]));

    private static ServerAddress Address(string text) =>
        ServerAddress.TryParse(text, out var address, out _) ? address : throw new FormatException(text);
}
