using System.Globalization;
using System.Runtime.InteropServices;

namespace Mandos.Peers.Machines;

/// <summary>Processes as /proc shows them, by ids of the host.</summary>
public static partial class ProcessTree
{
    /// <summary>Direct children, of all threads.</summary>
    public static IReadOnlyList<int> Children(int process)
    {
        var children = new List<int>();
        try
        {
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
            {
                var text = File.ReadAllText(Path.Combine(thread, "children"));
                children.AddRange(
                    text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture)));
            }
        }
        catch (IOException)
        {
            // Gone meanwhile.
        }

        return children;
    }

    /// <summary>Children, their children, and so on; parents before children.</summary>
    public static IEnumerable<int> Descendants(int process)
    {
        foreach (var child in Children(process))
        {
            yield return child;
            foreach (var descendant in Descendants(child))
                yield return descendant;
        }
    }

    /// <summary>The command name, or "" when the process is gone.</summary>
    public static string Name(int process) => Read(process, "comm").TrimEnd('\n');

    /// <summary>A field of /proc/PID/status, for example <c>CapEff</c>; "" when it is gone.</summary>
    public static string Status(int process, string field) =>
        Read(process, "status").Split('\n').Where(l => l.StartsWith(field + ":", StringComparison.Ordinal))
            .Select(l => l[(field.Length + 1)..].Trim()).FirstOrDefault("");

    /// <summary>A file of /proc/PID, or "" when the process is gone.</summary>
    public static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>What the open descriptors point to, for example <c>socket:[1234]</c>.</summary>
    public static IReadOnlyList<string> Descriptors(int process)
    {
        try
        {
            return [.. Directory.EnumerateFiles($"/proc/{process}/fd").Select(f => new FileInfo(f).LinkTarget ?? "")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>SIGKILL.</summary>
    internal static void Kill(int process) => _ = SendSignal(process, 9);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
