using Mandos.Core.Linux;
using Mandos.Server.Configuration;

namespace Mandos.Server.Clients;

/// <summary>clients.conf on disk, with the secret files that it names.</summary>
internal static class ClientsFile
{
    /// <summary>Reads it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="home">Whose home directory <c>~</c> is where HOME is not set; null for our own.</param>
    /// <param name="problems">Everything that is wrong is added here.</param>
    /// <param name="isMissing">True if there is no such file, which means that there are no clients.</param>
    /// <returns>Null if the file cannot be parsed; no clients if it cannot be read.</returns>
    internal static ClientTable? Read(string path, UserAccount? home, List<ConfigurationProblem> problems, out bool isMissing)
    {
        var outcome = ConfigurationFile.Read(path, ClientsReader.BuiltIn, problems, out var document);
        isMissing = outcome == ConfigurationFile.Outcome.Missing;
        using (document)
        {
            if (document is not null)
                return new ClientsReader(new PathExpansion(Environment.GetEnvironmentVariable, user => HomeOf(user, home)), problems).Read(document);
            return outcome == ConfigurationFile.Outcome.Malformed ? null : new ClientTable([]);
        }
    }

    private static string? HomeOf(string? user, UserAccount? own) =>
        user is not null ? UserAccount.Find(user)?.HomeDirectory
        : Environment.GetEnvironmentVariable("HOME") ?? (own ?? UserAccount.Find(Credentials.EffectiveUser))?.HomeDirectory;
}
