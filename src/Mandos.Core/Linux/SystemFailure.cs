using System.ComponentModel;
using System.Net.Sockets;

namespace Mandos.Core.Linux;

/// <summary>
/// Why the system refused something, in the words of strerror(3). The framework's own text for it is the name of a resource
/// in programs that are built without those texts, as ours are.
/// </summary>
public static class SystemFailure
{
    /// <summary>The text of the error number, without a path; what the exception says if it has no number.</summary>
    public static string Reason(Exception failure) => failure switch
    {
        AggregateException { InnerException: { } first } => Reason(first),
        // EMFILE or ENFILE: the framework takes both for the latter. Nearly always it is the limit of the process.
        SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } => Text(Errno.TooManyOpenFiles),
        Win32Exception { NativeErrorCode: > 0 and var code } => Text(code),
        FileNotFoundException or DirectoryNotFoundException => Text(Errno.NoSuchFile),
        PathTooLongException => Text(Errno.NameTooLong),
        // The framework puts the number there. Its own numbers are negative.
        IOException { HResult: > 0 and < 4096 and var code } => Text(code),
        IOException { InnerException: SocketException inner } => Reason(inner),
        UnauthorizedAccessException { InnerException: IOException { HResult: > 0 and < 4096 and var code } } => Text(code),
        UnauthorizedAccessException => Text(Errno.AccessDenied),
        _ => failure.Message,
    };

    private static string Text(int code) => new Errno(code).ToString();
}
