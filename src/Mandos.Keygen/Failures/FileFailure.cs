using Mandos.Core.Linux;

namespace Mandos.Keygen.Failures;

/// <summary>Why a file could not be used.</summary>
internal static class FileFailure
{
    /// <summary>Returns the system's reason after the path, if the exception names one.</summary>
    public static string Describe(Exception failure) =>
        failure is IOException or UnauthorizedAccessException && failure.Message.Split('\'') is [_, { Length: > 0 } path, ..]
            ? $"{path}: {SystemFailure.Reason(failure)}"
            : SystemFailure.Reason(failure);
}
