using System.Net.Sockets;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Server.Publishing.Responder;

/// <summary>Knows the number of an interface by its name, while it comes and goes and another one gets its name.</summary>
internal static class InterfaceFollower
{
    /// <summary>Reports the number, 0 while there is no such interface, at first and whenever it changes; until cancelled.</summary>
    internal static async Task RunAsync(string name, Action<int> changed, CancellationToken cancellationToken)
    {
        var index = InterfaceIndex.Of(name);
        changed(index);
        if (!LinkMonitor.TryOpen(out var monitor, out _))
            return;
        using (monitor)
        {
            try
            {
                while (true)
                {
                    await monitor.ReadAsync(cancellationToken).ConfigureAwait(false);
                    var now = monitor.Links.FirstOrDefault(link => link.Name == name)?.Index ?? 0;
                    if (now == index)
                        continue;
                    index = now;
                    changed(index);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The end; or it stays what it was.
            }
        }
    }
}
