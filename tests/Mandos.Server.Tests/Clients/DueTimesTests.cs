using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Clients;

/// <summary>With many clients one wake tells several; a client that is due alone is told on time.</summary>
public sealed class DueTimesTests : IDisposable
{
    private static readonly TimeSpan MostLate = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new();
    private readonly DueTimes _due;
    private int _wakes;

    public DueTimesTests() => _due = new(_time, () => _wakes++) { Slack = MostLate };

    public void Dispose() => _due.Dispose();

    private TimeSpan Now => Moment.Now(_time).Monotonic;

    private void Add(long number, int milliseconds)
    {
        var state = new ClientState { Name = $"client{number}", Settings = new ClientSettings(), Secret = new ClientSecret(new(0)) };
        _due.Set(new ClientEntry(number, state), Now + TimeSpan.FromMilliseconds(milliseconds));
    }

    private List<long> Tell()
    {
        var due = _due.Due(Now);
        foreach (var slot in due)
            _due.Set(slot, null);
        _due.Arm(null);
        return [.. due.Select(slot => slot.Number)];
    }

    [Fact]
    public void A_wakeup_that_is_due_long_after_the_last_comes_on_time()
    {
        Add(1, 1000);
        _due.Arm(null);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, _wakes);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _wakes);
    }

    [Fact]
    public void Entries_due_shortly_after_the_first_are_reported_together()
    {
        Add(1, 1000);
        Add(2, 1010);
        Add(3, 1090);
        Add(4, 1200);
        _due.Arm(null);
        _time.Advance(TimeSpan.FromMilliseconds(1000));
        Assert.Equal([1], Tell());
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(1, _wakes);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, _wakes);
        Assert.Equal([2, 3], Tell());
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(3, _wakes);
        Assert.Equal([4], Tell());
    }
}
