using System.Globalization;
using System.Text;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Processes;

/// <summary>The arguments that programs were started with, as /proc shows them.</summary>
public static class ProcessCommandLine
{
    // Longer command lines are cut; no daemon of early boot has them.
    private const int Longest = 4096;

    /// <summary>Returns argv of a process; empty for a kernel thread, and if the process does not exist.</summary>
    public static IReadOnlyList<string> Of(int process)
    {
        var opened = Descriptor.OpenForReading($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/cmdline", out var file);
        using (file)
        {
            Span<byte> bytes = stackalloc byte[Longest];
            if (!opened.Ok || !DescriptorIo.Read(file.Number, bytes, out var count).Ok || count == 0)
                return [];
            // Each argument ends with a zero byte, including the last one.
            var text = Encoding.UTF8.GetString(bytes[..count]);
            return (text.EndsWith('\0') ? text[..^1] : text).Split('\0');
        }
    }

    /// <summary>Returns a process whose argv[0] has this file name; 0 if there is none.</summary>
    public static int Find(string program)
    {
        try
        {
            foreach (var folder in Directory.EnumerateFileSystemEntries("/proc"))
            {
                if (int.TryParse(folder.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                    && Of(process) is [var first, ..] && Path.GetFileName(first) == program)
                    return process;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without /proc no process can be found.
        }

        return 0;
    }
}
