using System.ComponentModel;
using System.Net.Sockets;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Hosting;

/// <summary>
/// Reports exceptions that nothing else handled. If the system refused a descriptor, memory or a thread, the message says so: the runtime
/// then fails in places that no caller can guard, and hides the reason.
/// </summary>
internal static class LastWords
{
    /// <summary>Prints the message on one line; returns an <see cref="ExitCode"/>.</summary>
    internal static int Of(object fault)
    {
        var messages = new Messages(RoleNames.Client, debug: false);
        if (SystemError(fault as Exception) is { } refusal)
        {
            messages.Error(
                $"the system refused a resource: {refusal}",
                "is there enough memory, and are limits (descriptors, processes) high enough?");
            return ExitCode.OsError;
        }

        var text = fault is Exception exception ? $"{exception.GetType().Name}: {exception.Message}" : "of an unknown kind";
        messages.Error($"internal error: {text.ReplaceLineEndings(" ")}", "please report this");
        return ExitCode.Software;
    }

    /// <summary>Prints the message and exits the process immediately, from a thread that has no caller.</summary>
    internal static void Say(object fault) => ImmediateExit.Now(Of(fault));

    /// <summary>Returns the reason if the system refused something; null for an internal error.</summary>
    internal static string? SystemError(Exception? fault)
    {
        var initializing = false;
        for (var at = fault; at is not null; at = at.InnerException)
        {
            switch (at)
            {
                case SocketException socket:
                    return SystemFailure.Reason(socket);
                case Win32Exception native when native.NativeErrorCode > 0:
                    return new Errno(native.NativeErrorCode).ToString();
                // The runtime puts the system's error number there.
                case IOException { HResult: > 0 and < 4096 } io:
                    return new Errno(io.HResult).ToString();
                case InsufficientExecutionStackException:
                    return "no space left on the stack";
                // A thread that cannot be created looks the same.
                case OutOfMemoryException:
                    return $"{new Errno(Errno.OutOfMemory)}, or no more threads ({new Errno(Errno.TryAgain)})";
            }

            initializing |= at is TypeInitializationException;
        }

        // The runtime initializes a class at its first use, and loses the reason if that fails.
        return initializing ? Exhausted() : null;
    }

    private static string Exhausted()
    {
        var error = Descriptor.Pipe(out var first, out var second);
        first.Dispose();
        second.Dispose();
        return error.Ok ? "no descriptor, memory or thread was left for the runtime" : error.ToString();
    }
}
