using Mandos.Core.Linux;

namespace Mandos.Keygen.Failures;

/// <summary>The system's reason why a file could not be used, without the path.</summary>
internal static class FileFailure
{
    /// <summary>Returns the strerror(3) text of the error number, if the exception has one; otherwise its message.</summary>
    public static string Reason(Exception failure)
    {
        // On Linux, HResult of an IOException contains the errno; those that the runtime defines have the high bit set.
        if (failure is IOException && failure.HResult is > 0 and < 4096)
            return new Errno(failure.HResult).ToString();
        if (failure is UnauthorizedAccessException { InnerException: IOException { HResult: > 0 and < 4096 } inner })
            return new Errno(inner.HResult).ToString();
        return failure is UnauthorizedAccessException ? new Errno(Errno.AccessDenied).ToString() : failure.Message.TrimEnd('.');
    }

    /// <summary>Returns the reason after the path, if the exception names one.</summary>
    public static string Describe(Exception failure) =>
        failure is IOException or UnauthorizedAccessException && failure.Message.Split('\'') is [_, { Length: > 0 } path, ..]
            ? $"{path}: {Reason(failure)}"
            : Reason(failure);
}
