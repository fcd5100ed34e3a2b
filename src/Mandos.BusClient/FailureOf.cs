using System.Globalization;
using System.Net.Sockets;
using Mandos.Core.Linux;
using Tmds.DBus.Protocol;

namespace Mandos.BusClient;

/// <summary>What an operator reads if the bus or the server fails.</summary>
internal static class FailureOf
{
    private const string Errors = "org.freedesktop.DBus.Error.";

    internal static BusFailure Connecting(Exception exception, string address) => exception switch
    {
        TimeoutException => new(BusFailureKind.TimedOut, $"the system bus at {address} does not respond", "check 'systemctl status dbus'"),
        _ when Socket(exception) is { SocketErrorCode: SocketError.AccessDenied } => new(
            BusFailureKind.NoPermission, $"no permission to connect to the system bus at {address}", "run as root"),
        _ => new(
            BusFailureKind.Bus, $"cannot connect to the system bus at {address}: {Reason(exception)}",
            "check 'systemctl status dbus'"),
    };

    internal static BusFailure Calling(Exception exception, TimeSpan limit) => exception switch
    {
        TimeoutException => new(
            BusFailureKind.TimedOut,
            string.Create(CultureInfo.InvariantCulture, $"the server has not answered within {limit.TotalSeconds} s"),
            "see 'systemctl status mandos' and 'journalctl -u mandos'"),
        DBusErrorReplyException reply => Reply(reply.ErrorName ?? "", reply.ErrorMessage ?? ""),
        DBusReadException or DBusUnexpectedValueException => NotMandos(),
        _ => new(
            BusFailureKind.Bus, $"the connection to the system bus is lost: {Line(exception.Message)}", "check 'systemctl status dbus'"),
    };

    private static BusFailure Reply(string name, string message) => name switch
    {
        Errors + "ServiceUnknown" or Errors + "NameHasNoOwner" => new(
            BusFailureKind.NoServer, "no Mandos server is on the system bus",
            "start it with 'systemctl start mandos'; with 'use_dbus = False' or --no-dbus it cannot be controlled"),
        Errors + "AccessDenied" => new(
            BusFailureKind.NoPermission, "no permission to control the Mandos server", "run as root or as a member of the group _mandos"),
        Errors + "UnknownInterface" or Errors + "UnknownMethod" => NotMandos(),
        Errors + "NoReply" or Errors + "Disconnected" => new(
            BusFailureKind.NoServer, "the server exited without an answer", "see 'systemctl status mandos' and 'journalctl -u mandos'"),
        Errors + "UnknownObject" => new(BusFailureKind.Refused, "the client does not exist any more"),
        _ => new(BusFailureKind.Refused, $"the server reports: {Line(message)}"),
    };

    private static BusFailure NotMandos() => new(
        BusFailureKind.NotMandos, $"the program with the name {BusNames.Service} on the system bus does not answer as a Mandos server",
        $"find it with 'busctl status {BusNames.Service}'");

    private static string Reason(Exception exception) => Socket(exception) switch
    {
        // .NET's name for ENOENT.
        { SocketErrorCode: SocketError.AddressNotAvailable } => new Errno(Errno.NoSuchFile).ToString(),
        { } socket => SystemFailure.Reason(socket),
        null => Line(exception.Message),
    };

    private static SocketException? Socket(Exception? exception)
    {
        for (var depth = 0; exception is not null && depth < 8; depth++, exception = exception.InnerException)
        {
            if (exception is SocketException socket)
                return socket;
        }

        return null;
    }

    /// <summary>The last line of a message: upstream's server sends the traceback of an exception, which ends with what happened.</summary>
    private static string Line(string message) =>
        message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : "no reason";
}
