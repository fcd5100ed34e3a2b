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
    public void Remaining_time_is_unchanged_if_no_time_passes() => Assert.Equal(Left, Remaining());

    [Fact]
    public void Time_across_a_server_restart_is_measured_by_the_boot_clock()
    {
        _test.SinceBoot += TimeSpan.FromMinutes(1);
        _test.Time.AdjustTime(_test.Time.GetUtcNow() + TimeSpan.FromDays(1));
        Assert.Equal(Left - TimeSpan.FromMinutes(1), Remaining());
    }

    [Fact]
    public void Time_across_a_reboot_is_measured_by_the_wall_clock()
    {
        _test.BootId = "another";
        _test.SinceBoot = TimeSpan.FromSeconds(9);
        _test.Time.AdjustTime(_test.Time.GetUtcNow() + TimeSpan.FromMinutes(7));
        Assert.Equal(Left - TimeSpan.FromMinutes(7), Remaining());
    }

    [Fact]
    public void A_wall_clock_that_was_set_back_adds_no_time()
    {
        _test.BootId = "another";
        _test.Time.AdjustTime(_test.Time.GetUtcNow() - TimeSpan.FromDays(1));
        Assert.Equal(Left, Remaining());
    }

    [Fact]
    public void Without_a_boot_ID_the_wall_clock_is_used()
    {
        using var other = new TestStore { BootId = "" };
        other.Use(store => store.Replace([other.Client("a")], [], other.Now));
        other.Time.AdjustTime(other.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        using var store = other.Open();
        Assert.Equal(TimeSpan.FromMinutes(3), store.Load().Clients[0].Remaining);
    }

    [Fact]
    public void The_rest_of_maintenance_is_measured_like_the_remaining_time_also_after_checks_that_succeeded()
    {
        var client = _test.Client("a") with { Maintenance = _test.Now + TimeSpan.FromHours(2) };
        _test.Use(store =>
        {
            store.Replace([client], [], _test.Now);
            _test.Pass(TimeSpan.FromMinutes(10));
            store.SaveTimes([client with { LastCheckedOk = _test.Now.Wall, LastCheckerStatus = 0 }], _test.Now);
        });
        _test.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(TimeSpan.FromMinutes(100), Maintenance());
        // The clock of the boot counts, and after a reboot the wall clock.
        _test.Time.AdjustTime(_test.Time.GetUtcNow() + TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromMinutes(100), Maintenance());
        _test.BootId = "another";
        Assert.Equal(TimeSpan.FromMinutes(40), Maintenance());
        _test.Time.AdjustTime(_test.Time.GetUtcNow() - TimeSpan.FromDays(1));
        Assert.Equal(TimeSpan.FromMinutes(110), Maintenance());

        TimeSpan? Maintenance()
        {
            using var store = _test.Open();
            return store.Load().Clients[0].MaintenanceLeft;
        }
    }

    [Fact]
    public void No_clock_change_gives_a_client_more_time() => Gen.Select(Gen.Long[-900, 900], Gen.Long[-900, 900], Gen.Bool).Sample(
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
