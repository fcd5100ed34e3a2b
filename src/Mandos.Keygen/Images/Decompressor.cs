using System.ComponentModel;
using System.Diagnostics;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Images;

/// <summary>Decompresses the rest of an image by the program that images are made with.</summary>
internal sealed class Decompressor : IAsyncDisposable
{
    private const int LongestComplaint = 500;

    private readonly Compression _compression;
    private readonly Process _process;
    private readonly Task _feeding;
    private readonly Task<string> _complaint;

    private Decompressor(Compression compression, Process process, Stream input, CancellationToken cancellationToken)
    {
        _compression = compression;
        _process = process;
        Output = process.StandardOutput.BaseStream;
        _feeding = FeedAsync(input, process.StandardInput.BaseStream, cancellationToken);
        _complaint = process.StandardError.ReadToEndAsync(cancellationToken);
    }

    /// <summary>What was compressed.</summary>
    internal Stream Output { get; }

    /// <summary>Starts decompressing a stream.</summary>
    /// <exception cref="KeygenException">The program is not installed.</exception>
    internal static Decompressor Start(Compression compression, Stream input, CancellationToken cancellationToken)
    {
        var path = ProgramPath.Find(compression.Program) ?? throw NotInstalled();
        var start = new ProcessStartInfo(path, ["-dc"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return new(compression, Process.Start(start)!, input, cancellationToken);
        }
        catch (Win32Exception)
        {
            throw NotInstalled();
        }

        KeygenException NotInstalled() => new(
            $"the image is compressed with {compression.Name}, and the program {compression.Program} cannot be started",
            $"install the package {compression.Package}");
    }

    /// <summary>
    /// Waits for the end, after <see cref="Output"/> was read; returns what the program complains about, null if nothing.
    /// </summary>
    internal async Task<string?> FinishAsync(CancellationToken cancellationToken)
    {
        await _feeding.ConfigureAwait(false);
        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        var complaint = (await _complaint.ConfigureAwait(false)).Trim();
        return _process.ExitCode == 0 || _process.ExitCode == _compression.WarningCode
            ? null
            : complaint[..Math.Min(complaint.Length, LongestComplaint)];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        // The feeding ends with the process; why does not matter any more.
        await _feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ((Task)_complaint).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    private static async Task FeedAsync(Stream input, Stream target, CancellationToken cancellationToken)
    {
        try
        {
            await using (target.ConfigureAwait(false))
                await input.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The program has exited; its exit code says whether that was too early.
        }
    }
}
