using Mandos.Server.Configuration;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>The file with the number of a server in the background: opened by root, written when it is what it will be.</summary>
internal sealed class ProcessFile : IDisposable
{
    private const string Path = "/run/mandos.pid";

    private readonly FileStream _file;

    private ProcessFile(FileStream file) => _file = file;

    /// <summary>Null if it cannot be had, which is reported.</summary>
    internal static ProcessFile? Open(ILogger logger)
    {
        try
        {
            return new ProcessFile(new FileStream(Path, new FileStreamOptions
            {
                // Not emptied yet: it may be that of a server that runs, and this one may not come so far.
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

    /// <summary>Writes our number.</summary>
    internal void Write()
    {
        _file.SetLength(0);
        using var writer = new StreamWriter(_file, leaveOpen: true);
        writer.WriteLine(FormattableString.Invariant($"{Environment.ProcessId}"));
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
