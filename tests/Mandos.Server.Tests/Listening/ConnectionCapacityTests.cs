using CsCheck;
using Mandos.Server.Configuration;
using Mandos.Server.Listening;

namespace Mandos.Server.Tests.Listening;

public sealed class ConnectionCapacityTests
{
    [Theory]
    [InlineData(65536, 1000, 63436, 16384, 256)]
    [InlineData(1024, 60, 804, 704, 256)]
    [InlineData(1024, 1000, 668, 585, 256)]
    [InlineData(70, 4, 32, 28, 28)]
    public void The_connection_limit_is_what_descriptors_and_checks_leave(
        int descriptors, int clients, int open, int pending, int ofOneAddress) =>
        Assert.Equal(new ConnectionCapacity(open, pending, ofOneAddress), ConnectionCapacity.Of(descriptors, clients, new()));

    [Fact]
    public void No_limit_is_exceeded_while_dropped_connections_still_close() =>
        Gen.Select(
            Gen.Int[0, 1 << 20], Gen.Int[0, int.MaxValue], Gen.Int[1, 1_000_000],
            Gen.Int[1, 1_000_000]).Sample((descriptors, clients, most, ofOne) =>
        {
            var room = ConnectionCapacity.Of(descriptors, clients, new ConnectionLimits { Most = most, MostOfOneAddress = ofOne });
            Assert.InRange(room.Pending, 1, Math.Min(most, room.Open - 1));
            Assert.InRange(room.PendingOfOneAddress, 1, Math.Min(ofOne, room.Pending));
            Assert.True(descriptors < 300 || room.Open < descriptors);
        });
}
