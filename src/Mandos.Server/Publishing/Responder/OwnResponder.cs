using System.Net.Sockets;
using Mandos.Core.Discovery.Publishing;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Netlink;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Publishing.Responder;

/// <summary>
/// Announces the service by multicast DNS without another program, on all interfaces or on one, as soon as they are usable; follows changes
/// of interfaces and addresses. If that is impossible, the server still serves clients that know its address. Runs once.
/// </summary>
internal sealed class OwnResponder(PublicationSettings settings, ServiceName name, TimeProvider time, ILogger logger)
{
    /// <summary>The pause before another attempt.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(int Index, AddressFamily Family), string> _announced = [];
    private readonly AddressFamily[] _families =
    [
        .. settings.UseIPv6 ? [AddressFamily.InterNetworkV6] : (AddressFamily[])[],
        .. settings.UseIPv4 ? [AddressFamily.InterNetwork] : (AddressFamily[])[],
    ];
    private string? _told;

    /// <summary>Announces until cancelled, then sends a goodbye. If that is impossible, tries again later.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await TryPublishAsync(cancellationToken).ConfigureAwait(false) is not { } reason)
                return;
            if (reason != _told)
                logger.NotAnnounced(reason);
            _told = reason;
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Announces; returns why that failed, or null when cancelled.</summary>
    private async Task<string?> TryPublishAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await PublishAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return SystemFailure.Reason(e);
        }
    }

    private async Task<string?> PublishAsync(CancellationToken cancellationToken)
    {
        _announced.Clear();
        if (!LinkMonitor.TryOpen(out var monitor, out var error))
            return $"cannot list the network interfaces: {error}";

        using (monitor)
        {
            var publisher = new MulticastServicePublisher(new MulticastServicePublisherOptions
            {
                InstanceName = name.Current,
                Port = settings.Port,
                UseIPv6 = settings.UseIPv6,
                UseIPv4 = settings.UseIPv4,
                Time = time,
                Debug = logger.Detail,
            });
            await using (publisher.ConfigureAwait(false))
            {
                if (publisher.Refusal is { } refusal)
                    return $"no multicast DNS on port {MulticastServicePublisher.Port}: {refusal}";
                if (_told is not null)
                    logger.AnnouncedAgain();
                _told = null;
                publisher.Renamed += name.Change;
                // If one task fails, the other is cancelled.
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                Task[] both = [publisher.RunAsync(end.Token), FollowAsync(monitor, publisher, end.Token)];
                _ = await Task.WhenAny(both).ConfigureAwait(false);
                await end.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(both).ConfigureAwait(false);
                return null;
            }
        }
    }

    private async Task FollowAsync(LinkMonitor monitor, MulticastServicePublisher publisher, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                foreach (var (index, state) in await monitor.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    foreach (var family in _families)
                        Follow(publisher, index, family, state);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Cancelled.
        }
    }

    /// <summary>Announces again, but only when the usable addresses have changed.</summary>
    private void Follow(MulticastServicePublisher publisher, int index, AddressFamily family, LinkState? state)
    {
        var addresses = state is null ? "" : AddressesOf(state, family);
        if (addresses == _announced.GetValueOrDefault((index, family), ""))
            return;
        if (addresses.Length == 0)
        {
            _announced.Remove((index, family));
            publisher.ForgetInterface(index, family);
            return;
        }

        _announced[(index, family)] = addresses;
        publisher.UseInterface(index, family);
        logger.Announced(state!.Name, family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4");
    }

    private string AddressesOf(LinkState state, AddressFamily family)
    {
        var named = settings.Interface is null
            ? state.Flags.HasFlag(LinkFlags.Multicast) && !state.Flags.HasFlag(LinkFlags.Loopback)
            : state.Name == settings.Interface;
        if (!named || !state.IsRunning)
            return "";
        return string.Join(
            ' ',
            state.Addresses.Where(a => a.IsUsable && a.Address.AddressFamily == family)
                .Select(a => a.Address.ToString())
                .Order(StringComparer.Ordinal));
    }
}
