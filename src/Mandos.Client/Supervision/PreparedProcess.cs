using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Supervision;

/// <summary>
/// The process that was forked from this one before the runtime started (src/native/prepared_process.c). It saves memory by sharing the
/// pages that every start of the program writes. There is at most one, and it may have been killed.
/// </summary>
internal static unsafe partial class PreparedProcess
{
    /// <summary>
    /// Makes the prepared process run the command, whose targets are numbered from 0 without gaps; null if there is no such process.
    /// </summary>
    internal static ChildProcess? Start(ChildCommand command)
    {
        if (!StaticProgram.IsPublished)
            return null;
        Span<int> descriptors = stackalloc int[command.Descriptors.Count];
        foreach (var descriptor in command.Descriptors)
            descriptors[descriptor.Target] = descriptor.Source;
        var words = Encoding.UTF8.GetBytes(string.Concat(command.Arguments.Select(word => word + '\0')));
        fixed (int* numbers = descriptors)
        {
            fixed (byte* text = words)
            {
                var process = StartCall(numbers, descriptors.Length, text, words.Length);
                return process > 0 ? ChildProcess.Adopt(process) : null;
            }
        }
    }

    [LibraryImport("prepared_process", EntryPoint = "prepared_process_start")]
    private static partial int StartCall(int* descriptors, int count, byte* words, int length);
}
