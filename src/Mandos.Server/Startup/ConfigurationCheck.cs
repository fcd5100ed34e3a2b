using Mandos.Configuration;
using Mandos.Core.Linux.Netlink;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Text;
using Mandos.Server.Checkers;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Exit;
using Mandos.Server.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mandos.Server.Startup;

/// <summary>
/// <c>--check-config</c>: reports all problems, whether the checks of new clients succeed, and how many clients could be served.
/// </summary>
internal sealed class ConfigurationCheck(ServerSettings settings, List<ConfigurationProblem> problems, TextWriter output, TextWriter error)
{
    /// <summary>Runs the check; returns 1 if a problem was reported, otherwise 0.</summary>
    /// <param name="triesCheckers">Whether to run the checkers of new clients.</param>
    /// <param name="ownsProcess">Whether the process may change to the server's user, under which checkers run.</param>
    internal async Task<int> RunAsync(bool triesCheckers, bool ownsProcess)
    {
        using var clients = ClientsFile.Read(settings.ClientsFile, home: null, problems);
        if (!clients.HasMain)
            LookWithoutMain(clients);
        if (!clients.HasFolder)
            LookWithoutFolder(clients);
        if (settings.Interface is { } name && InterfaceIndex.Of(name) == 0)
            problems.Add(
                new(
                    Path.Combine(settings.ConfigurationDirectory, "mandos.conf"), 0, $"interface: interface {name} does not exist now",
                    IsWarning: true));
        foreach (var problem in problems)
            error.WriteLine($"mandos: {(problem.IsWarning ? "warning" : "error")}: {problem}");
        if (Credentials.EffectiveUser != 0 && problems.Exists(p => p.Reason.Contains("permission denied", StringComparison.Ordinal)))
            error.WriteLine("hint: only root can read these files: run this as root");
        var isGood = problems.Count == 0;
        if (triesCheckers)
            isGood &= await TryAsync(clients.Definitions, ownsProcess).ConfigureAwait(false);
        output.WriteLine(
            $"{settings.ClientsFile}: {Quantity.Of(clients.Definitions.Count, "client")}, "
                + $"{clients.Definitions.Count(c => c.Enabled)} enabled");
        return isGood ? ExitCodes.Success : ExitCodes.Failure;
    }

    /// <summary>Reports what a start does without a clients.d that existed at the last start or reload.</summary>
    private void LookWithoutFolder(ClientsReading clients)
    {
        var kept = CountKept(clients, SavedNames.ReadConfiguredWithFolder);
        if (kept > 0)
            problems.Add(
                new(
                    ClientsFile.FolderOf(settings.ClientsFile), 0,
                    $"no such directory: {AwaitedClients.Kept(kept)}; hint: restore it, or create an empty one to remove its clients",
                    IsWarning: true));
    }

    private int CountKept(ClientsReading clients, Func<string, HashSet<string>> saved) =>
        settings.Restore ? clients.Without(saved(Path.GetFullPath(settings.StateDirectory))).Count : 0;

    /// <summary>Reports what a start, but not a reload, does without clients.conf.</summary>
    private void LookWithoutMain(ClientsReading clients)
    {
        var kept = CountKept(clients, SavedNames.ReadConfigured);
        var what = Path.Exists(settings.ClientsFile) ? "the file is empty" : "no such file";
        if (kept > 0)
            problems.Add(
                new(
                    settings.ClientsFile, 0,
                    $"{what}: {AwaitedClients.Kept(kept)}; hint: restore it, or put a comment into it to remove its clients",
                    IsWarning: true));
        else if (clients.Source == ClientsSource.Missing)
            problems.Add(new(settings.ClientsFile, 0, $"{what}: no clients", IsWarning: true));
    }

    /// <summary>
    /// Runs the checkers of clients that are not in the saved state. The others have been checked by a server, which logged the results.
    /// </summary>
    private async Task<bool> TryAsync(IReadOnlyList<ClientDefinition> clients, bool ownsProcess)
    {
        var saved = SavedNames.Read(Path.GetFullPath(settings.StateDirectory));
        List<ClientDefinition> added = [.. clients.Where(c => c.Enabled && !saved.Contains(c.Name))];
        var isGood = FindsPrograms(clients.Except(added));
        if (added.Count == 0)
            return isGood;
        if (ownsProcess)
            UnprivilegedUser.Become(UnprivilegedUser.Find(NullLogger.Instance));
        var failed = await FirstChecks.RunAsync(added, settings.UseDBus, TimeProvider.System).ConfigureAwait(false);
        foreach (var check in failed.Where(c => c.Reason is not null))
            Warn(
                $"client [{PrintableText.Of(check.Client)}]: its checker fails: {check.Reason}",
                "unless a check succeeds within its timeout, the client is disabled, see mandos(8); --no-try runs no checker",
                check.Printed);
        var untried = failed.Count(c => c.Reason is null) + Math.Max(0, added.Count - FirstChecks.Most);
        if (untried > 0)
            output.WriteLine($"{untried} of {added.Count} new clients were not tried: too many");
        return isGood && failed.All(c => c.Reason is null);
    }

    /// <summary>Looks for the programs of these checkers without running them.</summary>
    private bool FindsPrograms(IEnumerable<ClientDefinition> clients)
    {
        var missing = CheckerPrograms.Missing(clients, Environment.GetEnvironmentVariable("PATH")).ToList();
        foreach (var (program, count, first) in missing)
            Warn(
                $"there is no program '{program}' on this machine: the checks of {Quantity.Of(count, "client")} fail, "
                    + $"the first is [{first}]",
                "these clients are disabled when their timeouts end, see mandos(8)", []);
        return missing.Count == 0;
    }

    private void Warn(string text, string hint, IEnumerable<string> details)
    {
        error.WriteLine($"mandos: warning: {text}");
        foreach (var line in details)
            error.WriteLine($"  {line}");
        error.WriteLine($"hint: {hint}");
    }
}
