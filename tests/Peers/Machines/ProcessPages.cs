using System.Globalization;
using System.Runtime.InteropServices;

namespace Mandos.Peers.Machines;

/// <summary>What lies in the memory of a process, by /proc/PID/mem and the flags of its mappings in /proc/PID/smaps.</summary>
public static partial class ProcessPages
{
    private const int Stop = 19, Continue = 18;
    private const int BlockLength = 1 << 20;

    /// <summary>A place where something was found.</summary>
    /// <param name="What">What it is.</param>
    /// <param name="Mapping">The first line of the mapping.</param>
    /// <param name="IsResident">True for pages that are not swapped out.</param>
    /// <param name="IsLocked">True for pages that are neither swapped out nor dumped.</param>
    public sealed record Finding(string What, string Mapping, bool IsResident, bool IsLocked);

    private sealed record Mapping(long Start, long End, string Header, bool IsResident, bool IsLocked);

    /// <summary>Stops the process, looks for all of them, and lets it go on.</summary>
    /// <param name="process">Its id on the host.</param>
    /// <param name="wanted">Bytes by what they are; long enough not to be there by chance.</param>
    public static IReadOnlyList<Finding> Search(int process, IReadOnlyDictionary<string, byte[]> wanted)
    {
        if (SendSignal(process, Stop) != 0)
            throw new InvalidOperationException($"process {process} is gone");
        try
        {
            return [.. Mappings(process).SelectMany(mapping => Search(process, mapping, wanted)).Distinct()];
        }
        finally
        {
            _ = SendSignal(process, Continue);
        }
    }

    private static IEnumerable<Finding> Search(int process, Mapping mapping, IReadOnlyDictionary<string, byte[]> wanted)
    {
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var overlap = wanted.Values.Max(bytes => bytes.Length) - 1;
        var block = new byte[BlockLength + overlap];
        for (var at = mapping.Start; at < mapping.End; at += BlockLength)
        {
            var length = ReadAt(memory, at, block.AsSpan(0, (int)Math.Min(block.Length, mapping.End - at)));
            foreach (var (what, bytes) in wanted)
            {
                if (block.AsSpan(0, length).IndexOf(bytes) >= 0)
                    yield return new(what, mapping.Header, mapping.IsResident, mapping.IsLocked);
            }
        }
    }

    private static int ReadAt(FileStream memory, long at, Span<byte> into)
    {
        var length = 0;
        try
        {
            memory.Position = at;
            for (var count = -1; count != 0 && length < into.Length; length += count)
                count = memory.Read(into[length..]);
        }
        catch (IOException)
        {
            // Pages that cannot be read, such as those of the kernel.
        }

        return length;
    }

    private static IEnumerable<Mapping> Mappings(int process)
    {
        var header = "";
        foreach (var line in File.ReadLines($"/proc/{process}/smaps"))
        {
            if (line.Split(' ')[0] is var range && range.Contains('-', StringComparison.Ordinal) && !range.EndsWith(':'))
                header = line;
            if (!line.StartsWith("VmFlags:", StringComparison.Ordinal)
                || header.Split(' ')[1][0] != 'r'
                || header.Contains("[v", StringComparison.Ordinal))
                continue;
            var flags = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var addresses = header.Split(' ')[0]
                .Split('-')
                .Select(a => long.Parse(a, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                .ToArray();
            yield return new(addresses[0], addresses[1], header, flags.Contains("lo"), flags.Contains("lo") && flags.Contains("dd"));
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
