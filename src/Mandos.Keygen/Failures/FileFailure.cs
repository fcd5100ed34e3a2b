using Mandos.Core.Linux;

namespace Mandos.Keygen.Failures;

/// <summary>What the system said when the runtime could not use a file, in the system's own words and without the path.</summary>
internal static class FileFailure
{
    /// <summary>strerror(3) of the error number, if the exception has one; else its message.</summary>
    public static string Reason(Exception failure)
    {
        // On Linux an IOException carries the errno in HResult; those the runtime made up itself have the high bit set.
        if (failure is IOException && failure.HResult is > 0 and < 4096)
            return new Errno(failure.HResult).ToString();
        if (failure is UnauthorizedAccessException { InnerException: IOException { HResult: > 0 and < 4096 } inner })
            return new Errno(inner.HResult).ToString();
        return failure is UnauthorizedAccessException ? new Errno(Errno.AccessDenied).ToString() : failure.Message.TrimEnd('.');
    }

    /// <summary>The same behind the path, if the exception names one.</summary>
    public static string Describe(Exception failure) =>
        failure is IOException or UnauthorizedAccessException && failure.Message.Split('\'') is [_, { Length: > 0 } path, ..]
            ? $"{path}: {Reason(failure)}"
            : Reason(failure);
}
