using Mandos.Client.Network;
using Mandos.Core.Linux;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Network;

public sealed class BringUpFailureTests
{
    private const int NetworkDown = 100;
    private readonly FakeTimeProvider _time = new();
    private readonly BringUpFailure _failure;

    public BringUpFailureTests() => _failure = new(_time);

    [Fact]
    public void A_failure_is_retried_soon_then_later_and_reported_once_if_it_lasts()
    {
        List<(double Pause, bool Reported)> seen = [];
        for (var i = 0; i < 7; i++)
        {
            var reported = _failure.Failed(new Errno(NetworkDown));
            seen.Add((_failure.Rest.TotalSeconds, reported));
            _time.Advance(_failure.Rest);
            Assert.Equal(TimeSpan.Zero, _failure.Rest);
        }

        Assert.Equal([(0.25, false), (0.5, false), (1, false), (2, false), (4, true), (5, false), (5, false)], seen);
    }

    [Fact]
    public void A_network_change_shortens_the_pause_before_the_next_attempt()
    {
        for (var i = 0; i < 5; i++)
            _failure.Failed(new Errno(NetworkDown));
        _failure.Hurry();
        Assert.Equal(TimeSpan.FromMilliseconds(50), _failure.Rest);
    }

    [Fact]
    public void A_permission_error_is_reported_at_once_and_not_retried()
    {
        Assert.True(_failure.Failed(new Errno(Errno.NotPermitted)));
        _failure.Hurry();
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(Timeout.InfiniteTimeSpan, _failure.Rest);
    }
}
