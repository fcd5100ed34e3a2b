using System.Net.Sockets;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Server.Publishing.Responder;

/// <summary>Follows the index of an interface with a given name, which may disappear and be replaced by another one.</summary>
internal static class InterfaceFollower
{
    /// <summary>Reports the index (0 if there is no such interface) at first and whenever it changes, until cancelled.</summary>
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
                // Cancelled, or the index can no longer change.
            }
        }
    }
}
