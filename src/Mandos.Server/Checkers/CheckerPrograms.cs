using Mandos.Core.Linux.Privileges;
using Mandos.Core.Text;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>Checks whether the programs that checkers begin with are installed.</summary>
internal static class CheckerPrograms
{
    /// <summary>Builtins and keywords of the shell.</summary>
    private static readonly HashSet<string> OfTheShell = new(StringComparer.Ordinal)
    {
        ":", ".", "[", "break", "case", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export", "false", "for", "getopts",
        "hash", "if",
        "kill", "printf", "pwd", "read", "return", "set", "shift", "test", "times", "trap", "true", "type", "ulimit", "umask", "unset",
        "until", "wait", "while",
    };

    /// <summary>The search path of a shell without PATH.</summary>
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Warns of what the checkers of these clients lack on this machine.</summary>
    internal static void Tell(IReadOnlyList<ClientDefinition> clients, ILogger checks)
    {
        foreach (var (program, count, first) in Missing(clients, Environment.GetEnvironmentVariable("PATH")))
            checks.CheckerProgramMissing(program, Quantity.Of(count, "client"), first);
        var pinging = clients.Count(c => c.Enabled && FirstWord(c.Settings.Checker) == "fping");
        // If gaining privileges is possible, the program's file may have the capability.
        if (pinging > 0 && (Capabilities.AreNewPrivilegesForbidden || !Capabilities.CanBeGained(CapabilitySet.RawNetwork))
            && !Capabilities.Permitted.HasFlag(CapabilitySet.RawNetwork) && !PingGroups.Contain(Credentials.RealGroup))
            checks.CannotPing(Quantity.Of(pinging, "client"));
    }

    /// <summary>Returns the missing programs, each with the number of enabled clients that need it and the first of these.</summary>
    internal static IEnumerable<(string Program, int Clients, string First)> Missing(IEnumerable<ClientDefinition> clients, string? path) =>
        from client in clients
        where client.Enabled
        let program = FirstWord(client.Settings.Checker)
        where program is not null
        group client.Name by program into needed
        where !Exists(needed.Key, path ?? DefaultPath)
        select (needed.Key, needed.Count(), needed.First());

    /// <summary>Returns the program that a checker runs first; null if that is not obvious.</summary>
    internal static string? FirstWord(string checker)
    {
        var command = checker.TrimStart();
        var end = command.IndexOfAny([' ', '\t', '\n']);
        var word = end < 0 ? command : command[..end];
        return ShellWord.IsPlain(word)
            && !word.Contains('%', StringComparison.Ordinal)
            && !word.Contains('=', StringComparison.Ordinal)
            && !OfTheShell.Contains(word)
            ? word
            : null;
    }

    private static bool Exists(string program, string path) =>
        program.Contains('/', StringComparison.Ordinal)
            ? File.Exists(program)
            : path.Split(':', StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));
}
