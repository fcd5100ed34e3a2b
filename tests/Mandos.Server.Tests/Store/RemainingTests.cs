using CsCheck;

namespace Mandos.Server.Tests.Store;

/// <summary>How much of a client's time is left after a restart: never more than what was left.</summary>
public sealed class RemainingTests : IDisposable
{
    private static readonly TimeSpan Left = TimeSpan.FromMinutes(5);

    private readonly TestStore _test = new();

    public RemainingTests() => _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));

    public void Dispose() => _test.Dispose();

    private TimeSpan? Remaining()
    {
        using var store = _test.Open();
        return store.Load().Clients[0].Remaining;
    }

    [Fact]
    public void Nothing_is_lost_while_no_time_passes() => Assert.Equal(Left, Remaining());

    [Fact]
    public void A_restart_of_the_server_costs_the_time_it_took_by_the_clock_of_the_machine()
    {
        _test.SinceBoot += TimeSpan.FromMinutes(1);
        _test.Time.AdjustTime(_test.Time.GetUtcNow() + TimeSpan.FromDays(1));
        Assert.Equal(Left - TimeSpan.FromMinutes(1), Remaining());
    }

    [Fact]
    public void A_restart_of_the_machine_costs_the_time_it_took_by_the_wall_clock()
    {
        _test.BootId = "another";
        _test.SinceBoot = TimeSpan.FromSeconds(9);
        _test.Time.AdjustTime(_test.Time.GetUtcNow() + TimeSpan.FromMinutes(7));
        Assert.Equal(Left - TimeSpan.FromMinutes(7), Remaining());
    }

    [Fact]
    public void A_wall_clock_that_was_set_back_gives_no_time()
    {
        _test.BootId = "another";
        _test.Time.AdjustTime(_test.Time.GetUtcNow() - TimeSpan.FromDays(1));
        Assert.Equal(Left, Remaining());
    }

    [Fact]
    public void A_machine_whose_boots_cannot_be_told_goes_by_the_wall_clock()
    {
        using var other = new TestStore { BootId = "" };
        other.Use(store => store.Replace([other.Client("a")], [], other.Now));
        other.Time.AdjustTime(other.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        using var store = other.Open();
        Assert.Equal(TimeSpan.FromMinutes(3), store.Load().Clients[0].Remaining);
    }

    [Fact]
    public void Whatever_the_clocks_do_no_client_gains_time() => Gen.Select(Gen.Long[-900, 900], Gen.Long[-900, 900], Gen.Bool).Sample(
        (wall, boot, restarted) =>
        {
            using var test = new TestStore();
            test.Use(store => store.Replace([test.Client("a")], [], test.Now));
            test.Time.AdjustTime(test.Time.GetUtcNow() + TimeSpan.FromSeconds(wall));
            test.SinceBoot += TimeSpan.FromSeconds(boot);
            test.BootId = restarted ? "another" : test.BootId;
            using var store = test.Open();
            Assert.Equal(Left - TimeSpan.FromSeconds(Math.Max(0, restarted ? wall : boot)), store.Load().Clients[0].Remaining);
        },
        iter: 20,
        threads: 1);
}
