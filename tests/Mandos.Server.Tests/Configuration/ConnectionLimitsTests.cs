using System.Text;
using Mandos.Configuration;
using Mandos.Server.Configuration;

namespace Mandos.Server.Tests.Configuration;

public sealed class ConnectionLimitsTests
{
    private static (ConnectionLimits Limits, string Problems) Read(string options)
    {
        var problems = new List<ConfigurationProblem>();
        using var document = ConfigurationFile.Parse("mandos.conf", Encoding.UTF8.GetBytes("[DEFAULT]\n" + options), null, problems);
        return (ServerSettingsReader.Read(new CommandLineSettings(), document, problems, out _).Connections, string.Join('\n', problems));
    }

    [Fact]
    public void Limits_that_are_not_configured_have_the_defaults_of_the_manual()
    {
        var (limits, problems) = Read("");

        Assert.Equal("", problems);
        Assert.Equal((10.0, 10.0, 60.0, 2.0, 16384), (limits.Exchange.Greeting.TotalSeconds, limits.Exchange.Handshake.TotalSeconds,
            limits.Exchange.Data.TotalSeconds, limits.Exchange.Close.TotalSeconds, limits.Exchange.HandshakeBytes));
        Assert.Equal(
            (16384, 256, 16, 4096), (limits.Most, limits.MostOfOneAddress, limits.MostWaitingOfOneClient, limits.Exchange.RsaBits));
    }

    [Fact]
    public void Each_limit_can_be_set()
    {
        var (limits, problems) = Read("""
            greeting_timeout = PT1S
            handshake_timeout = 2s
            delivery_timeout = PT3M
            close_timeout = PT0.5S
            handshake_bytes = 10000
            max_connections = 7
            max_connections_per_address = 6
            max_waiting_per_client = 5
            max_rsa_bits = 8192
            """);

        Assert.Equal("", problems);
        Assert.Equal((1.0, 2.0, 180.0, 0.5, 10000), (limits.Exchange.Greeting.TotalSeconds, limits.Exchange.Handshake.TotalSeconds,
            limits.Exchange.Data.TotalSeconds, limits.Exchange.Close.TotalSeconds, limits.Exchange.HandshakeBytes));
        Assert.Equal((7, 6, 5, 8192), (limits.Most, limits.MostOfOneAddress, limits.MostWaitingOfOneClient, limits.Exchange.RsaBits));
    }

    [Theory]
    [InlineData("greeting_timeout = PT0S", "mandos.conf:2: greeting_timeout: it must be greater than zero and at most one day (P1D)")]
    [InlineData("close_timeout = P2D", "mandos.conf:2: close_timeout: it must be greater than zero and at most one day (P1D)")]
    [InlineData("delivery_timeout = soon", "mandos.conf:2: delivery_timeout: 'soon' is not a duration")]
    [InlineData("handshake_bytes = 100", "mandos.conf:2: handshake_bytes: '100' is not an integer from 8192 to 16777216")]
    [InlineData("max_rsa_bits = 16384", "mandos.conf:2: max_rsa_bits: '16384' is not an integer from 2048 to 8192")]
    [InlineData("max_connections = 0", "mandos.conf:2: max_connections: '0' is not an integer from 1 to 1000000")]
    [InlineData("max_conections = 5", "mandos.conf:2: unknown option 'max_conections'; did you mean 'max_connections'?")]
    public void Invalid_limits_are_reported(string option, string problem) => Assert.Equal(problem, Read(option).Problems);
}
