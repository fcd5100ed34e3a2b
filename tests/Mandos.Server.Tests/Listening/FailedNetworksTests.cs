using System.Net;
using Mandos.Server.Listening;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Listening;

public sealed class FailedNetworksTests
{
    private readonly FakeTimeProvider _time = new();

    private static IPAddress Address(string text) => IPAddress.Parse(text);

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.200", 1)]
    [InlineData("10.0.0.1", "10.0.1.1", 0)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.2", 1)]
    [InlineData("fd00:1::1", "fd00:1::2:3", 1)]
    [InlineData("fd00:1::1", "fd00:1:0:1::1", 0)]
    public void Failures_count_against_the_whole_network(string failed, string other, int count)
    {
        var networks = new FailedNetworks(_time);

        networks.Add(Address(failed));

        Assert.Equal(count, networks.Count(Address(other)));
    }

    [Theory]
    [InlineData(59, 3)]
    [InlineData(61, 3)]
    [InlineData(121, 0)]
    [InlineData(100_000, 0)]
    public void Failures_are_forgotten_after_two_minutes_at_most(int seconds, int count)
    {
        var networks = new FailedNetworks(_time);
        for (var i = 0; i < 3; i++)
            networks.Add(Address("10.0.0.1"));
        if (seconds is > 60 and < 1000)
        {
            // A request now and then.
            _time.Advance(TimeSpan.FromSeconds(60.5));
            _ = networks.Count(Address("10.9.9.9"));
            _time.Advance(TimeSpan.FromSeconds(seconds - 60.5));
        }
        else
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
        }

        Assert.Equal(count, networks.Count(Address("10.0.0.1")));
    }

    [Fact]
    public void A_few_thousand_networks_are_tracked_and_no_more()
    {
        var networks = new FailedNetworks(_time);
        for (var i = 0; i < 100_000; i++)
            networks.Add(Address($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}"));
        for (var i = 0; i < 3 * 4096; i++)
            networks.Add(new IPAddress([0xFD, 0, (byte)(i >> 8), (byte)i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));

        Assert.InRange(networks.Tracked, 1, 2 * 4096);
        Assert.Equal(1, networks.Count(new IPAddress([0xFD, 0, 0x2F, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9])));
    }
}
