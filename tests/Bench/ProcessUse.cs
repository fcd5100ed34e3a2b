using System.Globalization;

namespace Mandos.Bench;

/// <summary>What a process takes of the machine, as the kernel counts it.</summary>
internal static class ProcessUse
{
    /// <summary>Of a second, as /proc tells times (USER_HZ, the same on every machine).</summary>
    private const double Ticks = 100;

    /// <summary>Resident memory, and the same with shared pages divided among those who share them; bytes.</summary>
    public static (double Rss, double Pss) Memory(IEnumerable<int> processes)
    {
        var fields = processes.SelectMany(p => ProcessTree.Read(p, "smaps_rollup").Split('\n')).ToArray();
        return (Sum("Rss:"), Sum("Pss:"));

        double Sum(string field) => fields.Where(l => l.StartsWith(field, StringComparison.Ordinal))
            .Sum(l => 1024 * double.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Bytes that it has locked into memory, its secrets.</summary>
    public static double Locked(int process) =>
        ProcessTree.Status(process, "VmLck").Split(' ') is [var kibibytes, "kB"]
        ? 1024 * double.Parse(kibibytes, CultureInfo.InvariantCulture)
        : double.NaN;

    /// <summary>Seconds of processor time: its own, and that of its children that have ended.</summary>
    public static (double Own, double Children) ProcessorTime(int process)
    {
        // pid (name) state ppid ... utime stime cutime cstime at the 14th place; the name may have spaces.
        var stat = ProcessTree.Read(process, "stat");
        var times = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(11).Take(4)
            .Select(t => double.Parse(t, CultureInfo.InvariantCulture) / Ticks).ToArray();
        return times is [var user, var system, var childUser, var childSystem]
            ? (user + system, childUser + childSystem)
            : (double.NaN, double.NaN);
    }

    /// <summary>Bytes that a process had written by system calls, whatever they went to.</summary>
    public static double Written(int process) => ProcessTree.Read(process, "io").Split('\n')
        .Where(l => l.StartsWith("wchar:", StringComparison.Ordinal)).Sum(l => double.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture));
}
