using System.Globalization;

namespace Mandos.Server.Configuration;

/// <summary>
/// The sockets that a service manager bound for this process (sd_listen_fds(3)): LISTEN_PID is the process that they are for, LISTEN_FDS
/// their number, and the first is descriptor 3.
/// </summary>
internal static class SocketActivation
{
    private const int First = 3;

    /// <summary>More than any server needs; a larger number is invalid.</summary>
    private const int Most = 256;

    private static readonly string[] Variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"];

    /// <summary>Returns their descriptors; none if the variables are missing or meant for another process.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="process">Our process ID.</param>
    internal static IReadOnlyList<int> Find(Func<string, string?> variable, int process) =>
        Number(variable(Variables[0])) == process && Number(variable(Variables[1])) is > 0 and <= Most and var count
            ? [.. Enumerable.Range(First, count)]
            : [];

    /// <summary>Takes the sockets of this process, and hides the variables from its children.</summary>
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
