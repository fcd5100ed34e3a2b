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
    public void It_is_tried_again_soon_then_later_and_reported_once_when_it_lasts()
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
    public void A_change_makes_it_worth_another_attempt_soon()
    {
        for (var i = 0; i < 5; i++)
            _failure.Failed(new Errno(NetworkDown));
        _failure.Hurry();
        Assert.Equal(TimeSpan.FromMilliseconds(50), _failure.Rest);
    }

    [Fact]
    public void What_is_not_permitted_is_reported_at_once_and_not_tried_again()
    {
        Assert.True(_failure.Failed(new Errno(Errno.NotPermitted)));
        _failure.Hurry();
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(Timeout.InfiniteTimeSpan, _failure.Rest);
    }
}
