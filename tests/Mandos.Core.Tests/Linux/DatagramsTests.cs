using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Multicast;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Sockets;

namespace Mandos.Core.Tests.Linux;

public sealed class DatagramsTests
{
    private const int Loopback = 1;

    [Theory]
    [InlineData("::1")]
    [InlineData("127.0.0.1")]
    public async Task A_datagram_has_its_source_destination_and_hop_limit(string address)
    {
        var ip = IPAddress.Parse(address);
        using var receiver = new Socket(ip.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        Datagrams.RequestDetails(receiver);
        receiver.Bind(new IPEndPoint(ip, 0));
        using var sender = new MulticastSocket(ip.AddressFamily, 0);
        var port = (ushort)((IPEndPoint)receiver.LocalEndPoint!).Port;
        Assert.True(sender.Send(new(Loopback, sender.IsIPv6), ip, port, "hello"u8).Ok);

        await receiver.ReceiveAsync(new byte[1], SocketFlags.Peek, TestContext.Current.CancellationToken);
        var buffer = new byte[10];
        Assert.True(Datagrams.Receive(receiver.SafeHandle, buffer, out var received).Ok);
        Assert.Equal("hello"u8.ToArray(), buffer[..received.Length]);
        Assert.Equal((ip, ip), (received.Source, received.Destination));
        Assert.Equal((Loopback, MulticastPacket.FullHopLimit, false), (received.InterfaceIndex, received.HopLimit, received.Truncated));
        Assert.NotEqual(0, received.SourcePort);
        Assert.Equal(LibC.EAGAIN, Datagrams.Receive(receiver.SafeHandle, buffer, out _).Code);
    }

    [Fact]
    public async Task A_datagram_longer_than_the_buffer_is_marked_as_truncated()
    {
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var sender = new MulticastSocket(AddressFamily.InterNetwork, 0);
        sender.Send(new(Loopback, false), IPAddress.Loopback, (ushort)((IPEndPoint)receiver.LocalEndPoint!).Port, new byte[100]);
        await receiver.ReceiveAsync(new byte[1], SocketFlags.Peek, TestContext.Current.CancellationToken);
        Assert.True(Datagrams.Receive(receiver.SafeHandle, new byte[10], out var received).Ok);
        Assert.True(received.Truncated);
    }

    [Fact]
    public void A_failed_send_is_reported()
    {
        using var sender = new MulticastSocket(AddressFamily.InterNetworkV6, 0);
        Assert.False(sender.Send(new(int.MaxValue, true), MulticastLink.Group6, MulticastLink.Port, "x"u8).Ok);
    }
}
