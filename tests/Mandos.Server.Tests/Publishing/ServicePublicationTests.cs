using Mandos.Server.Publishing;
using Mandos.Server.Publishing.Responder;
using Mandos.Tests.Buses;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Publishing;

/// <summary>Who announces the service when, with a stand-in for avahi-daemon and one for the own responder.</summary>
public sealed class ServicePublicationTests : IAsyncDisposable
{
    private const string Committed = "avahi: Commit";
    private const string On = "own responder on";
    private const string Off = "own responder off";

    private readonly CancellationTokenSource _stop = new();
    private readonly Timeline _timeline = new();
    private Task _publishing = Task.CompletedTask;
    private PrivateBus? _bus;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        if (_bus is not null)
            await _bus.DisposeAsync();
    }

    [Fact]
    public async Task Avahi_gets_the_same_data_as_from_the_original_and_a_stop_withdraws_the_service()
    {
        await using var avahi = await StartAvahiAsync();
        Publish();

        Assert.Equal([Added("Mandos"), Committed], await _timeline.WaitAsync(2));
        await avahi.TellGroupAsync(2);
        await StopAsync();
        Assert.Equal("avahi: Free", (await _timeline.WaitAsync(3))[2]);
    }

    [Fact]
    public async Task Avahi_is_asked_for_IPv4_on_one_interface()
    {
        await using var avahi = await StartAvahiAsync();
        Publish(new(4711, "lo", UseIPv6: false, UseIPv4: true));

        Assert.Equal("avahi: AddService 1 0 0 'Mandos' _mandos._tcp '' '' 4711", (await _timeline.WaitAsync(1))[0]);
    }

    [Fact]
    public async Task Avahi_is_asked_for_both_address_families()
    {
        await using var avahi = await StartAvahiAsync();
        Publish(new(4711, null, UseIPv6: true, UseIPv4: true));

        Assert.Equal("avahi: AddService -1 -1 0 'Mandos' _mandos._tcp '' '' 4711", (await _timeline.WaitAsync(1))[0]);
    }

    [Fact]
    public async Task Nothing_is_announced_on_an_interface_that_does_not_exist()
    {
        await using var avahi = await StartAvahiAsync();
        Publish(new(4711, "nosuch0", UseIPv6: true, UseIPv4: true));
        await avahi.BecomeAsync(1);
        await avahi.BecomeAsync(2);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        Assert.DoesNotContain(await _timeline.WaitAsync(0), e => e.StartsWith("avahi", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_avahi_uses_for_another_service_is_not_taken()
    {
        await using var avahi = await StartAvahiAsync(a => a.Taken.UnionWith(["Mandos", "Mandos #2"]));
        Publish();

        Assert.Equal(["renamed: Mandos #2", "renamed: Mandos #3", Added("Mandos #3"), Committed], await _timeline.WaitAsync(4));
    }

    [Fact]
    public async Task When_the_name_is_taken_on_the_network_another_is_chosen_and_kept()
    {
        await using var avahi = await StartAvahiAsync();
        Publish();
        await _timeline.WaitAsync(2);
        await avahi.TellGroupAsync(3);

        Assert.Equal(["renamed: Mandos #2", "avahi: Reset", Added("Mandos #2"), Committed], (await _timeline.WaitAsync(6))[2..]);
        await avahi.BecomeAsync(1);
        await avahi.BecomeAsync(2);
        Assert.Equal(["avahi: Free", Added("Mandos #2"), Committed], (await _timeline.WaitAsync(9))[6..]);
    }

    [Fact]
    public async Task The_server_waits_while_Avahi_chooses_its_own_host_name()
    {
        await using var avahi = await StartAvahiAsync(a => a.State = 1);
        Publish();
        await avahi.BecomeAsync(3);
        await avahi.BecomeAsync(1);
        avahi.State = 2;
        await avahi.BecomeAsync(2);

        Assert.Equal([Added("Mandos"), Committed], await _timeline.WaitAsync(2));
    }

    [Fact]
    public async Task While_avahi_is_away_the_built_in_responder_announces_and_never_both()
    {
        var first = await StartAvahiAsync();
        Publish();
        await _timeline.WaitAsync(2);
        await first.DisposeAsync();
        Assert.Equal(On, (await _timeline.WaitAsync(3))[2]);
        await using var second = await StartAvahiAsync();

        Assert.Equal([Off, Added("Mandos"), Committed], (await _timeline.WaitAsync(6))[3..]);
    }

    [Fact]
    public async Task Without_a_bus_the_built_in_responder_announces_until_avahi_is_on_a_bus()
    {
        _bus = PrivateBus.Absent();
        Publish(time: TimeProvider.System);
        Assert.Equal([On], await _timeline.WaitAsync(1));
        await _bus.StartDaemonAsync();
        await using var avahi = await StartAvahiAsync();

        Assert.Equal([Off, Added("Mandos"), Committed], (await _timeline.WaitAsync(4))[1..]);
        await _bus.StopDaemonAsync();
        Assert.Equal(On, (await _timeline.WaitAsync(5))[4]);
        await StopAsync();
        Assert.Equal(Off, (await _timeline.WaitAsync(6))[5]);
    }

    [Fact]
    public async Task Without_avahi_on_the_bus_the_built_in_responder_announces()
    {
        _bus = await PrivateBus.StartAsync();
        Publish();

        Assert.Equal([On], await _timeline.WaitAsync(1));
        await StopAsync();
        Assert.Equal(Off, (await _timeline.WaitAsync(2))[1]);
    }

    [Fact]
    public async Task The_server_announces_itself_while_Avahi_refuses_and_uses_Avahi_again_when_it_accepts()
    {
        await using var avahi = await StartAvahiAsync(a => a.Refusal = "Not permitted");
        Publish();
        Assert.Equal([On], await _timeline.WaitAsync(1));
        avahi.Refusal = null;
        await avahi.BecomeAsync(1);
        await avahi.BecomeAsync(2);

        Assert.Equal([Off, Added("Mandos"), Committed], (await _timeline.WaitAsync(4))[1..]);
        await avahi.TellGroupAsync(4);
        Assert.Equal(["avahi: Free", On], (await _timeline.WaitAsync(6))[4..]);
    }

    [Fact]
    public async Task The_service_is_announced_even_if_the_bus_does_not_respond()
    {
        _bus = await PrivateBus.StartAsync();
        _bus.Freeze();
        Publish(time: TimeProvider.System);

        Assert.Equal([On], await _timeline.WaitAsync(1));
        _bus.Thaw();
    }

    private static string Added(string name) => $"avahi: AddService -1 1 0 '{name}' _mandos._tcp '' '' 4711";

    private async Task<FakeAvahi> StartAvahiAsync(Action<FakeAvahi>? adjust = null)
    {
        _bus ??= await PrivateBus.StartAsync();
        return await FakeAvahi.StartAsync(_bus.Address, _timeline, adjust);
    }

    /// <summary>Begins; where no time is given none passes, so that a bus that answers is never given up as one that does not.</summary>
    private void Publish(PublicationSettings? settings = null, TimeProvider? time = null)
    {
        var name = new ServiceName("Mandos", NullLogger.Instance, n => _timeline.Add($"renamed: {n}"));
        var publication = new ServicePublication(
            settings ?? new(4711, null, UseIPv6: true, UseIPv4: false), name, _bus!.Address, RespondAsync, time ?? new FakeTimeProvider(),
            NullLogger.Instance);
        _publishing = publication.RunAsync(_stop.Token);
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _publishing;
    }

    private async Task RespondAsync(CancellationToken cancellationToken)
    {
        _timeline.Add(On);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _timeline.Add(Off);
    }
}
