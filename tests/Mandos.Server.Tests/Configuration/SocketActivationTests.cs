using Mandos.Server.Configuration;

namespace Mandos.Server.Tests.Configuration;

public sealed class SocketActivationTests
{
    [Theory]
    [InlineData("100", "1", "3")]
    [InlineData("100", "3", "3 4 5")]
    [InlineData("101", "1", "")]
    [InlineData(null, "1", "")]
    [InlineData("100", null, "")]
    [InlineData("100", "0", "")]
    [InlineData("100", "-1", "")]
    [InlineData("100", "x", "")]
    [InlineData(" 100", "1", "")]
    [InlineData("100", "99999999999", "")]
    [InlineData("100", "100000", "")]
    public void Sockets_are_taken_over_only_by_the_process_in_LISTEN_PID(string? process, string? count, string descriptors)
    {
        var variables = new Dictionary<string, string?> { ["LISTEN_PID"] = process, ["LISTEN_FDS"] = count };

        Assert.Equal(descriptors, string.Join(' ', SocketActivation.Find(variables.GetValueOrDefault, 100)));
    }

    [Fact]
    public void A_passed_socket_may_replace_the_port()
    {
        var settings = ServerSettingsReader.Read(
            new CommandLineSettings { NoZeroconf = true, Activated = [3] }, null, [], out var usageError);

        Assert.Null(usageError);
        Assert.Equal([3], settings.Activated);
    }
}
