using System.Net;
using System.Net.Sockets;
using Mandos.Server.Configuration;
using Mandos.Server.Exit;
using Mandos.Server.Listening;
using Mandos.Server.Tests.Checkers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mandos.Server.Tests.Listening;

public sealed class ListeningSocketTests
{
    private static Socket Open(ServerSettings settings) => ListeningSocket.Open(settings, NullLogger.Instance);

    private static int Option(Socket socket, int option)
    {
        Span<byte> value = stackalloc byte[4];
        socket.GetRawSocketOption(1, option, value);
        return BitConverter.ToInt32(value);
    }

    [Fact]
    public void An_ephemeral_port_is_not_shared()
    {
        using var socket = Open(new ServerSettings());

        Assert.Equal((0, 0), (Option(socket, 2), Option(socket, 15)));
        Assert.NotEqual(0, ((IPEndPoint)socket.LocalEndPoint!).Port);
    }

    [Fact]
    public void A_configured_port_can_be_reused_at_once_but_not_shared()
    {
        using var first = Open(new ServerSettings());
        var port = ((IPEndPoint)first.LocalEndPoint!).Port;
        first.Dispose();
        using var second = Open(new ServerSettings { Port = port });

        Assert.Equal((1, 0), (Option(second, 2), Option(second, 15)));
    }

    [Fact]
    public void A_port_in_use_is_one_clear_error()
    {
        using var taken = Open(new ServerSettings());
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;

        var error = Assert.Throws<StartupException>(() => Open(new ServerSettings { Port = port }));

        Assert.Equal($"cannot listen on [::]:{port}: Address already in use", error.Message);
        Assert.NotNull(error.Hint);
    }

    /// <summary>As after SIGKILL: a child that was just begun has the port for another moment.</summary>
    [Fact]
    public async Task A_port_that_is_about_to_become_free_is_waited_for()
    {
        var (moment, opening, port) = await OpenWhileTakenAsync();
        // A machine that was too busy to free it in a moment has tested nothing.
        while (opening.IsFaulted && moment > TimeSpan.FromMilliseconds(200))
            (moment, opening, port) = await OpenWhileTakenAsync();

        using var socket = await opening;
        Assert.Equal(port, ((IPEndPoint)socket.LocalEndPoint!).Port);
    }

    private static async Task<(TimeSpan Moment, Task<Socket> Opening, int Port)> OpenWhileTakenAsync()
    {
        using var taken = Open(new ServerSettings());
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        using var begun = new ManualResetEventSlim();
        var began = TimeProvider.System.GetTimestamp();
        var opening = Task.Factory.StartNew(
            () =>
            {
                began = TimeProvider.System.GetTimestamp();
                begun.Set();
                return Open(new ServerSettings { Port = port });
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        begun.Wait(TestContext.Current.CancellationToken);
        Thread.Sleep(20);
        taken.Dispose();
        var moment = TimeProvider.System.GetElapsedTime(began);
        await Task.WhenAny(opening);
        return (moment, opening, port);
    }

    [Fact]
    public void Listening_on_an_address_of_another_machine_is_one_clear_error() =>
        Assert.StartsWith(
            "cannot listen on [2001:db8::1]:0: ",
            Assert.Throws<StartupException>(() => Open(new ServerSettings { Address = IPAddress.Parse("2001:db8::1") })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void An_IPv4_mapped_address_listens_on_IPv4()
    {
        using var socket = Open(new ServerSettings { Address = IPAddress.Parse("::ffff:127.0.0.1") });

        Assert.Equal("::ffff:127.0.0.1", ((IPEndPoint)socket.LocalEndPoint!).Address.ToString());
    }

    [Fact]
    public void A_descriptor_that_is_not_a_socket_is_refused()
    {
        using var file = File.OpenHandle("/dev/null");

        Assert.Contains(
            "is not a bound TCP socket",
            Assert.Throws<StartupException>(() => Open(new ServerSettings { Socket = (int)file.DangerousGetHandle() })).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "socket 99999: ", Assert.Throws<StartupException>(() => Open(new ServerSettings { Socket = 99999 })).Message,
            StringComparison.Ordinal);
    }

    /// <summary>The one would be announced with port 0, the other cannot listen.</summary>
    [Fact]
    public void A_socket_that_is_not_bound_or_is_connected_is_refused()
    {
        using var unbound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        using var connected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        connected.Connect(listening.LocalEndPoint!);

        Assert.All(
            [unbound, connected],
            socket =>
                Assert.Contains(
                    "is not a bound TCP socket", Assert.Throws<StartupException>(() => Open(Inherited(socket))).Message,
                    StringComparison.Ordinal));
        using var inherited = Open(Inherited(listening));
        Assert.Equal(listening.LocalEndPoint, inherited.LocalEndPoint);
    }

    [Fact]
    public void A_link_local_address_without_an_interface_is_refused_with_a_hint() =>
        Assert.Contains(
            "--interface", Assert.Throws<StartupException>(() => Open(new ServerSettings { Address = IPAddress.Parse("fe80::1") })).Hint!,
            StringComparison.Ordinal);

    [Fact]
    public void If_the_interface_does_not_exist_that_is_logged_and_the_server_listens_on_all_interfaces()
    {
        var log = new LogLines();

        using var socket = ListeningSocket.Open(new ServerSettings { Interface = "nosuch" }, log);

        Assert.Contains("no such interface", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    private static ServerSettings Inherited(Socket socket) => new() { Socket = (int)socket.Handle };

    [Theory]
    [InlineData(null, true, true)]
    [InlineData(null, false, true)]
    [InlineData("::1", true, false)]
    [InlineData("::ffff:127.0.0.1", true, false)]
    [InlineData("127.0.0.1", false, false)]
    public void IPv4_is_announced_only_if_the_socket_accepts_every_IPv4_address(string? address, bool useIPv6, bool expected)
    {
        using var socket = ListeningSocket.Open(
            new ServerSettings { Address = address is null ? null : IPAddress.Parse(address), UseIPv6 = useIPv6 }, NullLogger.Instance);

        Assert.Equal(expected, ListeningSocket.TakesEveryIPv4Address(socket));
    }
}
