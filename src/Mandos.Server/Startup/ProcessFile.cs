using Mandos.Configuration;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>The PID file of a server in the background: opened by root, written when the process has its final identity.</summary>
internal sealed class ProcessFile : IDisposable
{
    private const string Path = "/run/mandos.pid";

    private readonly FileStream _file;

    private ProcessFile(FileStream file) => _file = file;

    /// <summary>Opens the file; null if that fails, which is reported.</summary>
    internal static ProcessFile? Open(ILogger logger)
    {
        try
        {
            return new ProcessFile(new FileStream(Path, new FileStreamOptions
            {
                // Not truncated yet: it may belong to a running server, and this process may fail before it is ready.
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            }));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.NoProcessFile(Path, FileFailure.Reason(e));
            return null;
        }
    }

    /// <summary>Writes our process ID.</summary>
    internal void Write()
    {
        _file.SetLength(0);
        using var writer = new StreamWriter(_file, leaveOpen: true);
        writer.WriteLine(FormattableString.Invariant($"{Environment.ProcessId}"));
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
