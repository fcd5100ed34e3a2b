using System.Net;
using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Server.Configuration;
using Mandos.Server.Listening;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Listening;

public sealed class ListenerTests
{
    private const string KeyId = "d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23";

    [Fact]
    public async Task A_known_client_gets_its_secret_and_one_line_is_logged()
    {
        await using var server = new TestServer([TestServer.Machine("opaque bytes")]);

        Assert.Equal((RetrievalOutcome.Received, "opaque bytes"), await server.RetrieveAsync());
        await server.WaitForLogAsync("delivered");
        await server.StopAsync();

        Assert.Equal($"mandos: info: ::1: client [machine], key_id {KeyId}: secret delivered\n", server.Log);
    }

    [Fact]
    public async Task A_rehearsal_gets_the_secret_and_is_logged_as_such()
    {
        await using var server = new TestServer([TestServer.Machine("opaque bytes")]);

        Assert.Equal((RetrievalOutcome.Received, "opaque bytes"), await server.RetrieveAsync(rehearsal: true));
        await server.WaitForLogAsync("delivered");
        await server.StopAsync();

        Assert.Equal($"mandos: info: ::1: client [machine], key_id {KeyId}: secret delivered for a rehearsal\n", server.Log);
    }

    [Fact]
    public async Task A_rehearsal_of_a_disabled_client_is_refused()
    {
        await using var server = new TestServer([TestServer.Machine("secret", enabled: false)]);
        Assert.Equal((RetrievalOutcome.Refused, ""), await server.RetrieveAsync(rehearsal: true));
    }

    [Fact]
    public async Task An_unknown_key_gets_no_data()
    {
        await using var server = new TestServer([]);

        Assert.Equal((RetrievalOutcome.Refused, ""), await server.RetrieveAsync());
        await server.StopAsync();

        Assert.Equal($"mandos: warning: ::1: unknown key_id {KeyId}: refused\n", server.Log);
    }

    [Fact]
    public async Task A_disabled_client_gets_nothing()
    {
        await using var server = new TestServer([TestServer.Machine("secret", enabled: false)]);

        Assert.Equal((RetrievalOutcome.Refused, ""), await server.RetrieveAsync());
        await server.StopAsync();

        Assert.Equal($"mandos: warning: ::1: client [machine], key_id {KeyId}: refused, it is disabled\n", server.Log);
    }

    /// <summary>A thief may have the key, and many log daemons drop the lines of a program that logs too much.</summary>
    [Fact]
    public async Task The_requests_of_a_disabled_client_are_logged_up_to_a_limit_and_then_counted()
    {
        await using var server = new TestServer([TestServer.Machine("secret", enabled: false)]);
        for (var i = 0; i < LineLimit.Most + 3; i++)
            Assert.Equal((RetrievalOutcome.Refused, ""), await server.RetrieveAsync());
        await server.StopAsync();

        var lines = server.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(LineLimit.Most, lines.Count(line => line.EndsWith("refused, it is disabled", StringComparison.Ordinal)));
        Assert.Equal($"mandos: warning: key_id {KeyId}: 3 more requests of this client were refused or withdrawn", lines[^1]);
    }

    [Fact]
    public async Task A_client_with_an_empty_secret_is_refused()
    {
        await using var server = new TestServer([TestServer.Machine("")]);

        Assert.Equal((RetrievalOutcome.Refused, ""), await server.RetrieveAsync());
    }

    [Theory]
    [InlineData(false, RetrievalOutcome.Refused)]
    [InlineData(true, RetrievalOutcome.Received)]
    public async Task Without_an_operator_the_default_decides_after_the_delay(bool approvedByDefault, RetrievalOutcome outcome)
    {
        var client = TestServer.Machine(
            "secret", settings: new() { ApprovalDelay = new(TimeSpan.FromMilliseconds(20)), ApprovedByDefault = approvedByDefault });
        await using var server = new TestServer([client]);

        Assert.Equal(outcome, (await server.RetrieveAsync()).Outcome);
    }

    [Fact]
    public async Task The_first_of_two_clients_with_the_same_key_is_used()
    {
        await using var server = new TestServer([TestServer.Machine("one", name: "a"), TestServer.Machine("two", name: "b")]);

        Assert.Equal((RetrievalOutcome.Received, "one"), await server.RetrieveAsync());
    }

    [Fact]
    public async Task Client_names_cannot_forge_log_lines()
    {
        await using var server = new TestServer([TestServer.Machine("x", name: "a\nmandos: info: \u202eb")]);

        await server.RetrieveAsync();
        await server.StopAsync();

        Assert.Contains("client [a\\nmandos: info: \\u202eb]", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_simultaneous_clients_are_all_served()
    {
        await using var server = new TestServer([TestServer.Machine("secret")]);

        var results = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => Task.Run(() => server.RetrieveAsync(), TestContext.Current.CancellationToken)));

        Assert.All(results, result => Assert.Equal((RetrievalOutcome.Received, "secret"), result));
    }

    [Fact]
    public async Task A_secret_may_be_larger_than_many_records()
    {
        var secret = new string('s', 300_000);
        await using var server = new TestServer([TestServer.Machine(secret)]);

        Assert.Equal((RetrievalOutcome.Received, secret), await server.RetrieveAsync());
    }

    [Fact]
    public async Task Silent_connections_beyond_the_limit_do_not_delay_a_known_client()
    {
        await using var server = new TestServer([TestServer.Machine("secret")], mostPending: 8);
        var silent = new List<Socket>();
        for (var i = 0; i < 60; i++)
            silent.Add(await server.ConnectAsync());

        Assert.Equal((RetrievalOutcome.Received, "secret"), await server.RetrieveAsync());

        // The longest silent one had to make room: its connection has ended.
        Assert.Equal(0, await silent[0].ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        silent.ForEach(s => s.Dispose());
        await server.StopAsync();
        Assert.Contains("connections without a known key were closed because a limit was reached", server.Log, StringComparison.Ordinal);
    }

    /// <summary>Descriptors are left for the checks.</summary>
    [Fact]
    public async Task At_the_connection_limit_a_connection_is_accepted_when_another_has_closed()
    {
        var keeper = new FakeKeeper();
        await using var server = new TestServer(keeper, mostOpen: 2);
        Task<(RetrievalOutcome Outcome, string Secret)>[] retrievals = [server.RetrieveAsync(), server.RetrieveAsync()];
        FakeKeeper.Request[] held = [await keeper.NextAsync(), await keeper.NextAsync()];
        var late = server.RetrieveAsync();
        var latest = keeper.NextAsync();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(latest.IsCompleted);

        held[0].Grant();

        (await latest).Grant();
        Assert.Equal(RetrievalOutcome.Received, (await late).Outcome);
        held[1].Grant();
        Assert.All(await Task.WhenAll(retrievals), r => Assert.Equal(RetrievalOutcome.Received, r.Outcome));
    }

    [Fact]
    public async Task Silent_connections_are_closed_for_new_ones_while_held_ones_stay_open()
    {
        var keeper = new FakeKeeper();
        await using var server = new TestServer(keeper, mostPending: 3, mostOpen: 3);
        var retrieval = server.RetrieveAsync();
        var held = await keeper.NextAsync();
        using var first = await server.ConnectAsync();
        using var second = await server.ConnectAsync();

        var late = server.RetrieveAsync();

        (await keeper.NextAsync()).Grant();
        Assert.Equal(RetrievalOutcome.Received, (await late).Outcome);
        held.Grant();
        Assert.Equal(RetrievalOutcome.Received, (await retrieval).Outcome);
    }

    [Fact]
    public async Task A_connection_without_a_greeting_is_closed_at_the_time_limit()
    {
        await using var server = new TestServer([], limits: new() { Exchange = new() { Greeting = TimeSpan.FromMilliseconds(50) } });
        using var socket = await server.ConnectAsync();

        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        await server.WaitForLogAsync("mandos: warning: ::1: no greeting within 0.1 s\n");
    }

    [Theory]
    [InlineData("2\r\n")]
    [InlineData("hello\r\n")]
    [InlineData("\r\n")]
    [InlineData("\u00ff\r\n")]
    public async Task A_connection_with_an_invalid_greeting_is_closed_without_a_response(string line)
    {
        await using var server = new TestServer([]);
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(line), TestContext.Current.CancellationToken);

        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        await server.WaitForLogAsync("mandos: warning: ::1: ");
    }

    [Fact]
    public async Task Of_many_failed_connections_some_are_logged_and_the_rest_counted()
    {
        // Without an end of the time for which they are counted.
        await using var server = new TestServer([], time: new FakeTimeProvider());
        for (var i = 0; i < 30; i++)
        {
            using var socket = await server.ConnectAsync();
            await socket.SendAsync("x\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        }

        await server.StopAsync();

        Assert.Equal(20, server.Log.Split("the first line is not a greeting").Length - 1);
        Assert.EndsWith("mandos: warning: 10 more connections failed\n", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_closes_waiting_connections()
    {
        await using var server = new TestServer([]);
        using var socket = await server.ConnectAsync();
        await server.RetrieveAsync();

        await server.StopAsync();

        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task IPv4_clients_reach_a_server_that_listens_on_all_addresses()
    {
        await using var server = new TestServer([TestServer.Machine("secret")], new ServerSettings());

        Assert.Equal((RetrievalOutcome.Received, "secret"), await server.RetrieveAsync(address: IPAddress.Loopback));
        await server.WaitForLogAsync("mandos: info: 127.0.0.1: ");
    }

    [Fact]
    public async Task Without_IPv6_the_socket_uses_IPv4()
    {
        await using var server = new TestServer([TestServer.Machine("secret")], new ServerSettings { UseIPv6 = false });

        Assert.Equal(AddressFamily.InterNetwork, server.EndPoint.AddressFamily);
        Assert.Equal((RetrievalOutcome.Received, "secret"), await server.RetrieveAsync(address: IPAddress.Loopback));
    }

    [Fact]
    public async Task An_interface_that_does_not_exist_is_logged_and_ignored()
    {
        await using var server = new TestServer([TestServer.Machine("secret")], new ServerSettings { Interface = "nosuch0" });

        Assert.Equal((RetrievalOutcome.Received, "secret"), await server.RetrieveAsync());
        Assert.Contains("mandos: error: cannot bind to interface nosuch0: ", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inherited_socket_is_used()
    {
        using var inherited = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        inherited.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        await using var server = new TestServer([TestServer.Machine("secret")], new ServerSettings { Socket = (int)inherited.Handle });

        Assert.Equal(inherited.LocalEndPoint, server.EndPoint);
        Assert.Equal((RetrievalOutcome.Received, "secret"), await server.RetrieveAsync());
    }

    [Fact]
    public void Secrets_are_wiped_when_their_owner_is_disposed()
    {
        var client = TestServer.Machine("x");

        new DefinedSecrets([client], TimeProvider.System).Dispose();

        Assert.Throws<ObjectDisposedException>(() => client.Secret.Memory.Length);
    }

    [Fact]
    public async Task Requests_with_unknown_keys_are_logged_up_to_a_limit_and_then_only_counted()
    {
        await using var server = new TestServer([]);
        for (var i = 0; i < 23; i++)
            Assert.Equal(RetrievalOutcome.Refused, (await server.RetrieveAsync()).Outcome);
        await server.StopAsync();

        Assert.Equal(20, server.Log.Split("unknown key_id").Length - 1);
        Assert.EndsWith("mandos: info: 3 more requests with unknown keys were refused\n", server.Log, StringComparison.Ordinal);
    }
}
