using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Tests.Network;

/// <summary>Links are followed also when they change faster than anybody can read.</summary>
[Trait("needs", "root")]
public sealed class LinkEventTests : NetworkSessionTest
{
    [Fact]
    public async Task Events_dropped_by_the_kernel_are_recovered()
    {
        const int many = 100;
        await Here.RunAsync(async () =>
        {
            Assert.True(LinkMonitor.TryOpen(out var monitor, out var error), error.ToString());
            using (monitor)
            {
                _ = await monitor.ReadAsync(Cancellation);
                var batch = Path.Combine(Folder, "batch");
                await File.WriteAllLinesAsync(batch, Enumerable.Range(0, many).Select(i => $"link add own{i} type veth peer name peer{i}")
                    .Append("link del own0").Concat(Enumerable.Range(1, many - 1).Select(i => $"link set own{i} up")));
                await Here.IpAsync($"-batch {batch}");
                Assert.True(DroppedMessages() > 0);

                while (monitor.Links.Count(link => link.IsUp) < many - 1)
                    _ = await monitor.ReadAsync(Cancellation);

                var existing = await Here.IpAsync("-o link show");
                Assert.Equal(existing.Count(character => character == '\n'), monitor.Links.Count);
                Assert.DoesNotContain(monitor.Links, link => link.Name is "own0" or "peer0");
            }
        });
    }

    /// <summary>Of all netlink sockets in the namespace of this thread.</summary>
    private static int DroppedMessages() =>
        File.ReadLines("/proc/thread-self/net/netlink").Skip(1)
            .Sum(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[8]));
}
