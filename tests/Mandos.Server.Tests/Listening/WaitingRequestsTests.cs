using Mandos.Core.Keys;
using Mandos.Server.Listening;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Listening;

public sealed class WaitingRequestsTests
{
    private static readonly KeyId One = Key('1');
    private static readonly KeyId Two = Key('2');

    private static KeyId Key(char digit) => KeyId.TryParse(new string(digit, 64), out var key) ? key : throw new FormatException();

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void At_the_limit_the_longest_waiting_one_is_dropped()
    {
        var requests = new WaitingRequests(2, _clock);
        var first = requests.Add(One, CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var second = requests.Add(One, CancellationToken.None);
        var third = requests.Add(One, CancellationToken.None);

        Assert.Equal((true, false, false), (first.IsCrowdedOut, second.IsCrowdedOut, third.IsCrowdedOut));
        Assert.True(first.Token.IsCancellationRequested);
    }

    [Fact]
    public void Each_client_has_its_own_limit_of_waiting_requests()
    {
        var requests = new WaitingRequests(1, _clock);
        var first = requests.Add(One, CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(1));
        requests.Add(Two, CancellationToken.None);

        Assert.False(first.IsCrowdedOut);
    }

    [Fact]
    public void New_requests_are_spared_but_only_up_to_a_limit()
    {
        var requests = new WaitingRequests(2, _clock);
        var first = Enumerable.Range(0, 32).Select(_ => requests.Add(One, CancellationToken.None)).ToList();
        Assert.All(first, request => Assert.False(request.IsCrowdedOut));

        requests.Add(One, CancellationToken.None);

        Assert.True(first[0].IsCrowdedOut);
        Assert.False(first[1].IsCrowdedOut);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var last = requests.Add(One, CancellationToken.None);
        Assert.All(first, request => Assert.True(request.IsCrowdedOut));
        Assert.False(last.IsCrowdedOut);
    }

    [Fact]
    public void A_decided_request_does_not_count_towards_the_limit()
    {
        var requests = new WaitingRequests(1, _clock);
        var first = requests.Add(One, CancellationToken.None);
        requests.Remove(One, first);
        _clock.Advance(TimeSpan.FromMinutes(1));
        requests.Add(One, CancellationToken.None);

        Assert.False(first.IsCrowdedOut);
    }
}
