using System.Net;
using System.Net.Sockets;

namespace Mandos.Client.Tests.Network;

/// <summary>Temporary routes to single hosts, in the kernel.</summary>
[Trait("needs", "root")]
public sealed class NetworkRouteTests : NetworkSessionTest
{
    [Theory]
    [InlineData("2001:db8::1")]
    [InlineData("192.0.2.1")]
    public async Task A_host_route_exists_until_its_last_user_removes_it(string address)
    {
        await ConnectCableAsync();
        var host = IPAddress.Parse(address);
        var family = host.AddressFamily == AddressFamily.InterNetwork ? "-4" : "-6";

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
            var index = session.Chosen[0].Index;

            Assert.True(session.Routes.Add(host, index));
            Assert.True(session.Routes.Add(host, index));
            session.Routes.Remove(host, index);
            var route = await Here.IpAsync($"-d {family} route show {address}");
            Assert.Contains($"unicast {address} dev own0", route);
            Assert.Contains("proto boot", route);
            if (family == "-4")
                Assert.Contains("scope link", route);

            session.Routes.Remove(host, index);
            session.Routes.Remove(host, index);
            Assert.Empty(await Here.IpAsync($"{family} route show {address}"));
        });

        Assert.Empty(Warnings);
    }

    [Fact]
    public async Task An_existing_route_is_not_removed_and_an_added_one_is_removed_with_the_session()
    {
        await ConnectCableAsync();
        await Here.IpAsync("link set own0 up");
        await Here.IpAsync("route add 192.0.2.1 dev own0 proto boot scope link");
        var (existing, own) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            var index = session.Chosen[0].Index;
            Assert.False(session.Routes.Add(existing, index));
            session.Routes.Remove(existing, index);
            Assert.True(session.Routes.Add(own, index));
        });

        Assert.Contains("192.0.2.1", await Here.IpAsync("route show"));
        Assert.DoesNotContain("192.0.2.2", await Here.IpAsync("route show"));
        Assert.Empty(Warnings);
    }
}
