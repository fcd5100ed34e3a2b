using System.Globalization;

namespace Mandos.Server.Configuration;

/// <summary>
/// The sockets that a service manager bound for this process (sd_listen_fds(3)): LISTEN_PID names the process that is
/// meant, LISTEN_FDS says how many there are, from descriptor 3 on.
/// </summary>
internal static class SocketActivation
{
    private const int First = 3;

    /// <summary>More than any server has; what is larger is not a number of sockets.</summary>
    private const int Most = 256;

    private static readonly string[] Variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"];

    /// <summary>Their descriptors; none if the variables are not there, or meant for another process.</summary>
    /// <param name="variable">The environment.</param>
    /// <param name="process">Our number.</param>
    internal static IReadOnlyList<int> Find(Func<string, string?> variable, int process) =>
        Number(variable(Variables[0])) == process && Number(variable(Variables[1])) is > 0 and <= Most and var count
            ? [.. Enumerable.Range(First, count)]
            : [];

    /// <summary>Those of this process; programs that it starts will not see the variables.</summary>
    internal static IReadOnlyList<int> Take()
    {
        var descriptors = Find(Environment.GetEnvironmentVariable, Environment.ProcessId);
        foreach (var name in Variables)
            Environment.SetEnvironmentVariable(name, null);
        return descriptors;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
