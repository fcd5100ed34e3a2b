using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Sockets;

namespace Mandos.Core.Tests.Linux;

public sealed class DatagramSocketTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("datagram-test-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Each_datagram_arrives_complete_and_separately()
    {
        Assert.True(DatagramSocket.Bind(PathOf("s"), out var socket).Ok);
        using (socket)
        {
            Assert.Equal(DatagramResult.Sent, DatagramSocket.Send(PathOf("s"), "+a\nb\0"u8, out _));
            Assert.Equal(DatagramResult.Sent, DatagramSocket.Send(PathOf("s"), "+\0"u8, out _));
            var received = new byte[100];
            Assert.True(DescriptorIo.Read(socket.Number, received, out var length).Ok);
            Assert.Equal("+a\nb\0"u8.ToArray(), received[..length]);
            Assert.True(DescriptorIo.Read(socket.Number, received, out length).Ok);
            Assert.Equal(2, length);
        }
    }

    [Fact]
    public void Sending_to_a_socket_that_does_not_listen_yet_can_be_retried()
    {
        Assert.Equal(DatagramResult.NotNow, DatagramSocket.Send(PathOf("missing"), "+\0"u8, out _));
        File.WriteAllText(PathOf("file"), "");
        Assert.Equal(DatagramResult.NotNow, DatagramSocket.Send(PathOf("file"), "+\0"u8, out _));
    }

    [Fact]
    public void A_message_too_large_for_a_datagram_is_never_sent()
    {
        Assert.True(DatagramSocket.Bind(PathOf("s"), out var socket).Ok);
        using (socket)
            Assert.Equal(DatagramResult.Never, DatagramSocket.Send(PathOf("s"), new byte[1 << 23], out _));
    }

    [Theory]
    [InlineData(107, DatagramResult.NotNow)]
    [InlineData(108, DatagramResult.Never)]
    [InlineData(1_000_000, DatagramResult.Never)]
    public void A_path_longer_than_a_socket_address_is_refused(int length, DatagramResult expected) =>
        Assert.Equal(expected, DatagramSocket.Send("/" + new string('x', length - 1), "+\0"u8, out _));

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);
}
