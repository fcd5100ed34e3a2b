using Mandos.Core.Linux;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;

namespace Mandos.Server.Startup;

/// <summary><c>--check-config</c>: everything that is wrong, and how many clients could be served.</summary>
internal static class ConfigurationCheck
{
    /// <summary>1 if there was anything to say, else 0.</summary>
    internal static int Run(ServerSettings settings, List<ConfigurationProblem> problems, TextWriter output, TextWriter error)
    {
        using var clients = ClientsFile.Read(settings.ClientsFile, home: null, problems);
        if (clients.Source == ClientsSource.Missing)
            problems.Add(new(settings.ClientsFile, 0, "no such file: there are no clients", IsWarning: true));
        if (settings.Interface is { } name && InterfaceIndex.Of(name) == 0)
            problems.Add(new(Path.Combine(settings.ConfigurationDirectory, "mandos.conf"), 0, $"interface: there is no interface {name} now", IsWarning: true));
        foreach (var problem in problems)
            error.WriteLine($"mandos: {(problem.IsWarning ? "warning" : "error")}: {problem}");
        if (Credentials.EffectiveUser != 0 && problems.Exists(p => p.Reason.Contains("permission denied", StringComparison.Ordinal)))
            error.WriteLine("hint: only root may read these files: run this as root");
        output.WriteLine($"{settings.ClientsFile}: {clients.Definitions.Count} clients, {clients.Definitions.Count(c => c.Enabled)} of them enabled");
        return problems.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }
}
