using System.ComponentModel;
using System.Net.Sockets;

namespace Mandos.Core.Linux;

/// <summary>
/// Why the system refused something, as strerror(3) says it. .NET's own texts are missing in programs that are built without resources, as
/// ours are; only the resource name would remain.
/// </summary>
public static class SystemFailure
{
    /// <summary>Returns the text of the error number, without a path; the message of the exception if it has no number.</summary>
    public static string Reason(Exception failure) => failure switch
    {
        AggregateException { InnerException: { } first } => Reason(first),
        // EMFILE or ENFILE: .NET reports both as the latter. It is nearly always the limit of the process.
        SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } => Text(Errno.TooManyOpenFiles),
        Win32Exception { NativeErrorCode: > 0 and var code } => Text(code),
        FileNotFoundException or DirectoryNotFoundException => Text(Errno.NoSuchFile),
        PathTooLongException => Text(Errno.NameTooLong),
        // .NET stores the system's error number here. Its own numbers are negative.
        IOException { HResult: > 0 and < 4096 and var code } => Text(code),
        IOException { InnerException: SocketException inner } => Reason(inner),
        UnauthorizedAccessException { InnerException: IOException { HResult: > 0 and < 4096 and var code } } => Text(code),
        UnauthorizedAccessException => Text(Errno.AccessDenied),
        _ => failure.Message,
    };

    private static string Text(int code) => new Errno(code).ToString();
}
