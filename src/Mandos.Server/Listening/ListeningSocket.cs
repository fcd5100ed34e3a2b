using System.Net;
using System.Net.Sockets;
using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Netlink;
using Mandos.Server.Configuration;
using Mandos.Server.Exit;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>The sockets that clients connect to: bound here, listening later, when nothing of root is left.</summary>
internal static class ListeningSocket
{
    private const int SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_BINDTODEVICE = 25;

    /// <summary>Creates and binds one, or takes over those that the parent process has bound.</summary>
    /// <exception cref="StartupException">One cannot be had; the message says why.</exception>
    internal static IReadOnlyList<Socket> OpenAll(ServerSettings settings, ILogger logger)
    {
        if (settings.Socket is null && settings.Activated.Count == 0)
            return [Create(settings, logger)];
        return [.. (settings.Socket is { } descriptor ? [descriptor] : settings.Activated).Select(Inherit)];
    }

    /// <summary>The one socket, where there is but one.</summary>
    internal static Socket Open(ServerSettings settings, ILogger logger) => OpenAll(settings, logger)[0];

    /// <summary>Whether clients reach it by all IPv4 addresses of this machine; not if one address was chosen.</summary>
    internal static bool TakesEveryIPv4Address(Socket socket) => socket.LocalEndPoint is IPEndPoint { Address: var address }
        && (address.Equals(IPAddress.Any) || (address.Equals(IPAddress.IPv6Any) && socket.DualMode));

    private static Socket Inherit(int descriptor)
    {
        var error = Descriptors.Duplicate(descriptor, out var copy);
        if (!error.Ok)
            throw new StartupException($"socket {descriptor}: {error}", "it must be open when the program starts");
        try
        {
            var socket = new Socket(new SafeSocketHandle(copy, ownsHandle: true));
            // One without a port would be announced without one; one that is connected cannot listen.
            if (socket is { SocketType: SocketType.Stream, Connected: false, LocalEndPoint: IPEndPoint { Port: > 0 } })
                return socket;
            socket.Dispose();
        }
        catch (SocketException)
        {
            // No socket at all.
        }

        throw new StartupException($"descriptor {descriptor} is not a bound TCP socket");
    }

    private static Socket Create(ServerSettings settings, ILogger logger)
    {
        var endPoint = new IPEndPoint(settings.Address ?? (settings.UseIPv6 ? IPAddress.IPv6Any : IPAddress.Any), settings.Port);
        Socket? socket = null;
        try
        {
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            // Clients without IPv6 come as ::ffff:a.b.c.d.
            if (settings.UseIPv6)
                socket.DualMode = true;
            if (settings.Interface is { } name)
                BindToInterface(socket, name, endPoint, logger);
            // .NET sets SO_REUSEADDR in Bind; it is meant for a port of one's choice alone.
            Bind(socket, endPoint);
            if (settings.Port == 0)
                socket.SetRawSocketOption(SOL_SOCKET, SO_REUSEADDR, [0, 0, 0, 0]);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new StartupException(
                $"cannot listen on {endPoint}: {SystemFailure.Reason(e)}", Hint(e.SocketErrorCode, endPoint, settings));
        }
    }

    /// <summary>A child that a server began just before its end holds the port too, until its program is loaded.</summary>
    private static void Bind(Socket socket, IPEndPoint endPoint)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                socket.Bind(endPoint);
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && tries < 20)
            {
                Thread.Sleep(25);
            }
        }
    }

    private static void BindToInterface(Socket socket, string name, IPEndPoint endPoint, ILogger logger)
    {
        try
        {
            socket.SetRawSocketOption(SOL_SOCKET, SO_BINDTODEVICE, Encoding.UTF8.GetBytes(name + '\0'));
        }
        catch (SocketException e)
        {
            // ENODEV is an unknown error to .NET.
            logger.NotBoundToInterface(name, InterfaceIndex.Of(name) == 0 ? "no such interface" : SystemFailure.Reason(e));
        }

        // A link-local address means nothing without its interface.
        if (endPoint.Address is { IsIPv6LinkLocal: true, ScopeId: 0 } && InterfaceIndex.Of(name) is > 0 and var index)
            endPoint.Address = new IPAddress(endPoint.Address.GetAddressBytes(), index);
    }

    private static string? Hint(SocketError error, IPEndPoint endPoint, ServerSettings settings) => error switch
    {
        SocketError.InvalidArgument when endPoint.Address is { IsIPv6LinkLocal: true, ScopeId: 0 } =>
            "a link-local address needs its interface: --interface, or ADDRESS%INTERFACE",
        SocketError.AddressAlreadyInUse => "another server may be running; each needs its own port",
        SocketError.AddressFamilyNotSupported when settings.UseIPv6 => "this machine has no IPv6: set use_ipv6 = False",
        SocketError.AccessDenied => "ports below 1024 need root",
        _ => null,
    };
}
