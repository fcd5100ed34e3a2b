using Mandos.Bus.Messages;
using Mandos.Server.Bus.Interfaces;
using Mandos.Core.Audit;
using Mandos.Server.Statistics;
using Mandos.Tests.Buses;

namespace Mandos.Server.Tests.Bus;

/// <summary>The interface for programs that act for people and have fewer privileges than an administrator.</summary>
public sealed class OperatorTests
{
    [Fact]
    public async Task A_client_is_disabled_enabled_and_removed_by_its_name()
    {
        await using var server = await BusServer.StartAsync("web 1");

        await ActAsync(server, "Disable", "web 1");
        Assert.False(server.Registry.Find("web 1")!.Enabled);
        await ActAsync(server, "Enable", "web 1");
        Assert.True(server.Registry.Find("web 1")!.Enabled);
        await ActAsync(server, "Remove", "web 1");
        Assert.Null(server.Registry.Find("web 1"));
    }

    [Theory]
    [InlineData("Approve", true)]
    [InlineData("Deny", false)]
    public async Task A_decision_is_recorded(string method, bool approved)
    {
        await using var server = await BusServer.StartAsync("web1");
        await ActAsync(server, method, "web1");
        Assert.Equal(approved, server.Registry.Find("web1")!.Decision?.Approved);
    }

    [Fact]
    public async Task The_log_names_the_person()
    {
        await using var server = await BusServer.StartAsync("web1");
        await ActAsync(server, "Disable", "web1", "alice@example.org");
        await server.StopAsync();
        Assert.Contains(
            server.Log.Lines,
            line => line.StartsWith(
                "Information: client [web1]: Disable for \"alice@example.org\" on the bus by uid ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_does_not_exist_is_an_error()
    {
        await using var server = await BusServer.StartAsync("web1");
        var thrown = await Assert.ThrowsAsync<BusException>(() => ActAsync(server, "Enable", "web2"));
        Assert.Equal((BusErrors.UnknownObject, "no client [web2]"), (thrown.Name, thrown.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData(129)]
    public async Task A_name_that_could_confuse_a_reader_of_the_log_is_refused_and_nothing_is_changed(object person)
    {
        await using var server = await BusServer.StartAsync("web1");
        var name = person as string ?? new string('a', (int)person);
        var thrown = await Assert.ThrowsAsync<BusException>(() => ActAsync(server, "Disable", "web1", name));
        Assert.Equal(
            (BusErrors.InvalidArguments, "person must have 1 to 128 printable characters"), (thrown.Name, thrown.Message));
        Assert.True(server.Registry.Find("web1")!.Enabled);
    }

    [Fact]
    public async Task The_statistics_have_every_counter()
    {
        var statistics = new ServerStatistics();
        statistics.Count(ServerCounter.Delivered);
        statistics.Add(ServerCounter.CheckMicroseconds, TimeSpan.FromMilliseconds(3));
        await using var server = BusServer.Begin(
            await PrivateBus.StartAsync(), [], settings => settings with { Statistics = statistics });
        await server.WaitUntilServedAsync();

        var text = await server.CallAsync("/", Names.Operator, "GetStatistics", null, BusWords.Of);

        foreach (var counter in Enum.GetValues<ServerCounter>())
        {
            var expected = counter switch
            {
                ServerCounter.Delivered => 1,
                ServerCounter.CheckMicroseconds => 3000,
                _ => 0,
            };
            Assert.Contains($"s\"{ServerStatistics.NameOf(counter)}\": t{expected}", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_history_has_the_latest_records_of_the_audit_trail()
    {
        (string, long, int) asked = default;
        var record = new AuditRecord
        {
            Number = 7,
            Time = new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero),
            Server = "vault",
            Event = "Denied",
            Text = "client [web1]: denied",
            Fields = [new("client", "web1")],
        };
        await using var server = BusServer.Begin(
            await PrivateBus.StartAsync(), [],
            settings => settings with
            {
                History = (client, before, most) =>
                {
                    asked = (client, before, most);
                    return [record];
                },
            });
        await server.WaitUntilServedAsync();

        var text = await server.CallAsync("/", Names.Operator, "GetHistory", w =>
        {
            w.WriteString("web1");
            w.WriteUInt64(ulong.MaxValue);
            w.WriteUInt32(uint.MaxValue);
        }, BusWords.Of);

        Assert.Equal(("web1", long.MaxValue, 500), asked);
        Assert.Equal(
            "[(t7, s\"2026-11-30T12:00:00.000000Z\", s\"vault\", s\"Denied\", s\"client [web1]: denied\", "
                + "[s\"client\": s\"web1\"])]",
            text);
    }

    private static Task ActAsync(BusServer server, string method, string client, string person = "alice") =>
        server.CallAsync("/", Names.Operator, method, w =>
        {
            w.WriteString(client);
            w.WriteString(person);
        });
}
