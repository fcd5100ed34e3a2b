using Mandos.Client.CommandLine;
using Mandos.Client.Retrieval;

namespace Mandos.Client.Tests.Retrieval;

public sealed class NamedServersTests
{
    [Fact]
    public void A_global_address_needs_no_interface()
    {
        var servers = Named("[2001:db8::1]:1", "10.0.0.1:2");
        Assert.Equal(["[2001:db8::1]:1", "10.0.0.1:2"], servers.Everywhere().Select(candidate => candidate.ToString()));
        Assert.Empty(servers.On(3, "eth0"));
    }

    [Fact]
    public void A_link_local_address_is_tried_on_each_interface_with_its_scope()
    {
        var servers = Named("fe80::1:4711");
        Assert.Empty(servers.Everywhere());
        var candidate = Assert.Single(servers.On(3, "eth0"));
        Assert.Equal("[fe80::1%3]:4711", candidate.ToString());
        Assert.Equal(3, candidate.InterfaceIndex);
    }

    [Theory]
    [InlineData("[fe80::1%eth0]:1", 1)]
    [InlineData("[fe80::1%3]:1", 1)]
    [InlineData("[fe80::1%eth1]:1", 0)]
    [InlineData("[fe80::1%4]:1", 0)]
    public void A_scope_name_or_number_selects_the_interface(string address, int expected) =>
        Assert.Equal(expected, Named(address).On(3, "eth0").Count());

    private static NamedServers Named(params string[] texts) =>
        new(
            [
                .. texts.Select(
                    text => ServerAddress.TryParse(text, out var server, out var error) ? server : throw new FormatException(error))]);
}
