using Mandos.Control.Hosting;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Control.Actions;

/// <summary>The file of option <c>--secret</c>.</summary>
internal static class SecretFile
{
    /// <summary>The largest secret that fits into one message of the bus with everything else.</summary>
    private const int Largest = 32 << 20;

    /// <summary>Reads a file, or standard input if it is <c>-</c>, into the action that sets it.</summary>
    /// <exception cref="UsageError">It cannot be read, or is too large.</exception>
    internal static ClientAction Read(string file) => new SetSecretAction(Content(file));

    /// <summary>Reads a file, or standard input if it is <c>-</c>; the caller owns the result.</summary>
    /// <exception cref="UsageError">It cannot be read, or is too large.</exception>
    internal static SecretBuffer Content(string file)
    {
        var name = file == "-" ? "standard input" : file;
        try
        {
            using var handle = file == "-" ? null : File.OpenHandle(file);
            var content = SecretInput.ReadToEnd((int?)handle?.DangerousGetHandle() ?? 0, Largest, out var error);
            return content ?? throw new UsageError(
                error.Ok ? $"{name} has more than {Largest >> 20} MiB" : $"cannot read {name}: {error}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageError($"cannot read {name}: {SystemFailure.Reason(e)}");
        }
    }
}
