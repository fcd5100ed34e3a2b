using Mandos.Core.Linux.Privileges;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>Whether the programs that checkers begin with are on this machine.</summary>
internal static class CheckerPrograms
{
    /// <summary>What a shell knows by itself, or as the beginning of something longer.</summary>
    private static readonly HashSet<string> OfTheShell = new(StringComparer.Ordinal)
    {
        ":", ".", "[", "break", "case", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export", "false", "for", "getopts",
        "hash", "if",
        "kill", "printf", "pwd", "read", "return", "set", "shift", "test", "times", "trap", "true", "type", "ulimit", "umask", "unset",
        "until", "wait", "while",
    };

    /// <summary>Where a shell looks without PATH.</summary>
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Warns of what the checkers of these clients lack here.</summary>
    internal static void Tell(IReadOnlyList<ClientDefinition> clients, ILogger checks)
    {
        foreach (var (program, count, first) in Missing(clients, Environment.GetEnvironmentVariable("PATH")))
            checks.CheckerProgramMissing(program, count, first);
        var pinging = clients.Count(c => c.Enabled && FirstWord(c.Settings.Checker) == "fping");
        // Where new privileges are possible, its file may have the right.
        if (pinging > 0 && (Capabilities.AreNewPrivilegesForbidden || !Capabilities.CanBeGained(CapabilitySet.RawNetwork))
            && !Capabilities.Permitted.HasFlag(CapabilitySet.RawNetwork) && !PingGroups.Contain(Credentials.RealGroup))
            checks.CannotPing(pinging);
    }

    /// <summary>The programs that are not there, each with the number of enabled clients that need it and the first of these.</summary>
    internal static IEnumerable<(string Program, int Clients, string First)> Missing(IEnumerable<ClientDefinition> clients, string? path) =>
        from client in clients
        where client.Enabled
        let program = FirstWord(client.Settings.Checker)
        where program is not null
        group client.Name by program into needed
        where !Exists(needed.Key, path ?? DefaultPath)
        select (needed.Key, needed.Count(), needed.First());

    /// <summary>The program that a checker runs first; null if that is not plain to see.</summary>
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
