using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>
/// The last resort: asks on the console, as getpass(3) does: on the controlling terminal without echo, or where there is
/// none, as in most initramfs, on standard input.
/// </summary>
internal static class ConsolePassword
{
    private const int StandardInput = 0, StandardError = 2;
    private const int LongestLine = 64 * 1024;

    /// <summary>The line without its end; null if there was none (end of file, no terminal). The caller owns it.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the terminal is as it was.</exception>
    internal static async Task<SecretBuffer?> AskAsync(CancellationToken stop)
    {
        var opened = Descriptor.OpenForBoth("/dev/tty", out var terminal);
        using (terminal)
        {
            var (from, to) = opened.Ok ? (terminal.Number, terminal.Number) : (StandardInput, StandardError);
            using var echo = TerminalEcho.Stop(from);
            _ = DescriptorIo.WriteAll(to, "Password: "u8, out _);
            var line = await Task.Factory.StartNew(() => ReadLine(from), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(stop);
            if (echo is not null)
                _ = DescriptorIo.WriteAll(to, "\n"u8, out _);
            return line;
        }
    }

    private static SecretBuffer? ReadLine(int descriptor)
    {
        var line = new SecretBuffer(LongestLine);
        var any = false;
        // Byte by byte: what stands behind the line is for somebody else.
        while (!line.Free.IsEmpty && DescriptorIo.Read(descriptor, line.Free[..1], out var count).Ok)
        {
            if (count == 1 && line.Free[0] != (byte)'\n')
            {
                any = true;
                line.Advance(1);
                continue;
            }

            if (count == 1 || any)
                return line;
            break;
        }

        line.Dispose();
        return null;
    }
}
