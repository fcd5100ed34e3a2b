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

/// <summary>The sockets that clients connect to. They are bound here; they listen later, after root privileges are dropped.</summary>
internal static class ListeningSocket
{
    private const int SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_BINDTODEVICE = 25;

    /// <summary>Creates and binds a socket, or takes over those that the parent process has bound.</summary>
    /// <exception cref="StartupException">A socket is not available; the message says why.</exception>
    internal static IReadOnlyList<Socket> OpenAll(ServerSettings settings, ILogger logger)
    {
        if (settings.Socket is null && settings.Activated.Count == 0)
            return [Create(settings, logger)];
        return [.. (settings.Socket is { } descriptor ? [descriptor] : settings.Activated).Select(Inherit)];
    }

    /// <summary>Opens the socket, if there is only one.</summary>
    internal static Socket Open(ServerSettings settings, ILogger logger) => OpenAll(settings, logger)[0];

    /// <summary>Whether the socket listens on all IPv4 addresses of this machine; false if one address was configured.</summary>
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
            // A socket without a port would be announced without one; a connected socket cannot listen.
            if (socket is { SocketType: SocketType.Stream, Connected: false, LocalEndPoint: IPEndPoint { Port: > 0 } })
                return socket;
            socket.Dispose();
        }
        catch (SocketException)
        {
            // The descriptor is not a socket.
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
            // IPv4 clients appear as ::ffff:a.b.c.d.
            if (settings.UseIPv6)
                socket.DualMode = true;
            if (settings.Interface is { } name)
                BindToInterface(socket, name, endPoint, logger);
            // .NET sets SO_REUSEADDR in Bind; it should only apply to a configured port.
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

    /// <summary>
    /// Binds the socket. A child that a previous server started just before it exited holds the port until its program is loaded.
    /// </summary>
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
            // .NET does not know the error ENODEV.
            logger.NotBoundToInterface(name, InterfaceIndex.Of(name) == 0 ? "no such interface" : SystemFailure.Reason(e));
        }

        // A link-local address is ambiguous without its interface.
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
