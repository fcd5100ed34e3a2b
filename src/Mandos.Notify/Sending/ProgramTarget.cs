using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Text;
using Mandos.Notify.Configuration;

namespace Mandos.Notify.Sending;

/// <summary>A target that is a program, which gets the message on its standard input.</summary>
internal abstract class ProgramTarget(TargetSettings settings) : Target(settings)
{
    /// <summary>EX_TEMPFAIL of sysexits.h: "try again".</summary>
    private protected const int TemporaryFailure = 75;

    /// <summary>What is shown of the output of a program that fails.</summary>
    private const int MostOutput = 4096;

    /// <summary>Whether another attempt may succeed after such an exit status.</summary>
    private protected abstract bool IsTemporary(int exitCode);

    private protected async Task<SendOutcome> RunAsync(ProcessStartInfo start, byte[] input, CancellationToken cancellationToken)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = "/";
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                // What exceeds the limit is read and forgotten, so that the program does not block.
                var output = LastLineAsync(process.StandardOutput, cancellationToken);
                var errors = LastLineAsync(process.StandardError, cancellationToken);
                await WriteAsync(process, input, cancellationToken).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
                var said = await errors.ConfigureAwait(false) is { Length: > 0 } text ? text : await output.ConfigureAwait(false);
                if (process.ExitCode == 0)
                    return SendOutcome.Sent;
                var problem = string.Create(CultureInfo.InvariantCulture, $"exit status {process.ExitCode}")
                    + (said.Length > 0 ? $": {PrintableText.Of(said)}" : "");
                return IsTemporary(process.ExitCode) ? SendOutcome.Temporary(problem) : SendOutcome.Permanent(problem);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
        catch (Win32Exception e)
        {
            return SendOutcome.Temporary($"{start.FileName} cannot be started: {SystemFailure.Reason(e)}");
        }
    }

    private static async Task WriteAsync(Process process, byte[] input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A program need not read its input.
        }
    }

    private static async Task<string> LastLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var last = new StringBuilder();
        var buffer = new char[1024];
        while (await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            last.Append(buffer, 0, count);
            if (last.Length > MostOutput)
                last.Remove(0, last.Length - MostOutput);
        }

        return last.ToString().TrimEnd().Split('\n')[^1];
    }
}
