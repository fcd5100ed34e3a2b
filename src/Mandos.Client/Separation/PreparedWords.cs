using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Linux;

namespace Mandos.Client.Separation;

/// <summary>The arguments of a network process that was forked before they were known (src/native/prepared_process.c).</summary>
internal static unsafe partial class PreparedWords
{
    /// <summary>The placeholder for the arguments.</summary>
    internal const string Argument = "prepared";

    private const int MostBytes = 16 * 1024;

    /// <summary>Waits for the arguments; after that the descriptors have their numbers. Exits if the supervisor exits before.</summary>
    /// <returns>The arguments after the role; only <see cref="Argument"/> in a process that was not forked this way.</returns>
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
