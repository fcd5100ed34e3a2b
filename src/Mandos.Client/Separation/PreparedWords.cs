using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Linux;

namespace Mandos.Client.Separation;

/// <summary>The words of a network process that was forked before it had any (src/native/prepared_process.c).</summary>
internal static unsafe partial class PreparedWords
{
    /// <summary>Stands in for the words.</summary>
    internal const string Argument = "prepared";

    private const int MostBytes = 16 * 1024;

    /// <summary>
    /// Waits for the words; the descriptors have their numbers then. Ends the process if the supervisor ends before that.
    /// </summary>
    /// <returns>The words behind the role; only <see cref="Argument"/> again in a process that was not forked like that.</returns>
    internal static IReadOnlyList<string> Receive()
    {
        var length = 0;
        var bytes = stackalloc byte[MostBytes];
        if (StaticProgram.IsPublished)
            length = ReceiveCall(bytes, MostBytes);
        return length == 0 ? [Argument] : Encoding.UTF8.GetString(bytes, length - 1).Split('\0')[2..];
    }

    [LibraryImport("prepared_process", EntryPoint = "prepared_process_receive")]
    private static partial int ReceiveCall(byte* words, int room);
}
