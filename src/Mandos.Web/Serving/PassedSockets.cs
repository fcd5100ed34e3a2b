using System.Globalization;

namespace Mandos.Web.Serving;

/// <summary>The listening sockets that a service manager passes (sd_listen_fds_with_names(3)).</summary>
/// <param name="Pages">Descriptors with the name <c>pages</c>.</param>
/// <param name="Metrics">Descriptors with the name <c>metrics</c>.</param>
internal sealed record PassedSockets(IReadOnlyList<int> Pages, IReadOnlyList<int> Metrics)
{
    private const int First = 3, Most = 64;

    /// <summary>Whether there are any.</summary>
    internal bool Any => Pages.Count + Metrics.Count > 0;

    /// <summary>Reads the environment; sockets with other names are left alone.</summary>
    /// <param name="variable">Reads a variable.</param>
    /// <param name="process">Our process ID.</param>
    internal static PassedSockets Find(Func<string, string?> variable, int process)
    {
        if (Number(variable("LISTEN_PID")) != process || Number(variable("LISTEN_FDS")) is not (> 0 and <= Most and var count))
            return new([], []);
        var names = (variable("LISTEN_FDNAMES") ?? "").Split(':');
        return new(Named("pages"), Named("metrics"));

        List<int> Named(string name) =>
            [.. Enumerable.Range(0, count).Where(i => i < names.Length && names[i] == name).Select(i => First + i)];
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
