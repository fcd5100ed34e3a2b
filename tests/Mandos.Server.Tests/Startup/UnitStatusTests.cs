using System.Threading.Channels;
using Mandos.Server.Clients;
using Mandos.Server.Startup;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Startup;

public sealed class UnitStatusTests
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void The_status_counts_clients_and_names_the_one_that_is_disabled_next()
    {
        Assert.Equal("no clients", UnitStatus.Describe([]));
        Assert.Equal("clients: 0 enabled, 1 disabled", UnitStatus.Describe([Client("a", expires: null)]));
        Assert.Equal(
            "clients: 2 enabled, 1 disabled; b is disabled at 2026-03-01 12:01:00Z unless a check succeeds",
            UnitStatus.Describe([Client("a", 5), Client("b", 1), Client("c", expires: null)]));
        Assert.Equal(
            "clients: 1 enabled, 0 disabled, 1 in maintenance; a is disabled at 2026-03-01 12:05:00Z unless a check succeeds",
            UnitStatus.Describe([Client("a", 5) with { Maintenance = new Moment(Noon, default) }]));
    }

    [Fact]
    public void A_client_name_cannot_add_a_line_to_the_notification() =>
        Assert.DoesNotContain('\n', UnitStatus.Describe([Client("a\nSTOPPING=1", 5)]));

    [Fact]
    public async Task Systemd_is_notified_only_of_changes()
    {
        var time = new FakeTimeProvider();
        var notifier = new Recorder();
        IReadOnlyCollection<ClientState> clients = [];
        var asked = Channel.CreateUnbounded<int>();
        using var status = new UnitStatus(notifier, Clients, time);
        await status.StartAsync(Token);
        Assert.Equal("STATUS=no clients", await notifier.States.Reader.ReadAsync(Token));
        await AskedAsync();

        Assert.False(notifier.States.Reader.TryRead(out _));
        clients = [Client("a", 5)];
        await AskedAsync();
        Assert.StartsWith("STATUS=clients: 1 enabled, 0 disabled", await notifier.States.Reader.ReadAsync(Token), StringComparison.Ordinal);
        await status.StopAsync(Token);

        IReadOnlyCollection<ClientState> Clients()
        {
            asked.Writer.TryWrite(0);
            return clients;
        }

        async Task AskedAsync()
        {
            while (asked.Reader.TryRead(out _))
            {
                // Those before.
            }

            // The timer may not exist yet when the time advances.
            while (!asked.Reader.TryRead(out _))
            {
                time.Advance(TimeSpan.FromSeconds(10));
                await Task.Delay(5, Token);
            }
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ClientState Client(string name, int? expires) => new()
    {
        Name = name,
        Settings = new ClientSettings(),
        Secret = new ClientSecret(new(0)),
        Enabled = expires is not null,
        Expires = expires is { } minutes ? new Moment(Noon.AddMinutes(minutes), TimeSpan.FromMinutes(minutes)) : null,
    };

    private sealed class Recorder : ISystemdNotifier
    {
        public Channel<string> States { get; } = Channel.CreateUnbounded<string>();

        public bool IsEnabled => true;

        public void Notify(ServiceState state) => States.Writer.TryWrite(state.ToString());
    }
}
