using System.Text;
using Mandos.Core.Linux;
using Mandos.Server.Configuration;

namespace Mandos.Server.Clients;

/// <summary>
/// clients.conf on disk and the files <c>*.conf</c> of the folder clients.d beside it, with the secret files that they name.
/// The files of the folder come after clients.conf, by their names as bytes. Each is a file of its own grammar; what stands
/// in <c>[DEFAULT]</c> of clients.conf holds for all, that of another file for that file, and wins there.
/// </summary>
internal static class ClientsFile
{
    /// <summary>Reads all of it.</summary>
    /// <param name="path">clients.conf.</param>
    /// <param name="home">Whose home directory <c>~</c> is where HOME is not set; null for our own.</param>
    /// <param name="problems">Everything that is wrong is added here.</param>
    internal static ClientsReading Read(string path, UserAccount? home, List<ConfigurationProblem> problems)
    {
        var reader = new ClientsReader(new PathExpansion(Environment.GetEnvironmentVariable, user => HomeOf(user, home)), problems);
        var main = ConfigurationFile.Read(path, ClientsReader.BuiltIn, problems, out var document);
        using (document)
        {
            WarnIfOpen(path, problems);
            if (document is not null)
                reader.Read(document);
            var source = ReadFolder(FolderOf(path), reader, document, problems, SourceOf(main));
            return new ClientsReading(source, main != ConfigurationFile.Outcome.Missing, reader.Clients, reader.LeftOut);
        }
    }

    /// <summary>The folder whose files belong to it.</summary>
    internal static string FolderOf(string path) => Path.ChangeExtension(path, ".d");

    private static ClientsSource ReadFolder(string folder, ClientsReader reader, ConfigurationDocument? main, List<ConfigurationProblem> problems, ClientsSource source)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder, "*.conf").Where(file => Path.GetFileName(file)[0] != '.' && !FileKind.IsSpecial(file)).OrderBy(Encoding.UTF8.GetBytes, ByteOrder)];
            WarnOfOthers(folder, problems);
        }
        catch (DirectoryNotFoundException)
        {
            if (!Path.Exists(folder))
                return source;
            problems.Add(new(folder, 0, "cannot be read: it is no directory, or a link to one that is not there", IsWarning: true));
            return Worse(source, ClientsSource.Unreadable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(folder, 0, $"cannot be read: {FileFailure.Reason(e)}", IsWarning: true));
            return Worse(source, ClientsSource.Unreadable);
        }

        foreach (var file in files)
        {
            WarnIfOpen(file, problems);
            var outcome = ConfigurationFile.Read(file, ClientsReader.BuiltIn, problems, out var document, main);
            using (document)
            {
                if (document is not null)
                    reader.Read(document);
            }

            // One that is gone since is gone.
            if (outcome != ConfigurationFile.Outcome.Missing)
                source = source == ClientsSource.Missing ? SourceOf(outcome) : Worse(source, SourceOf(outcome));
        }

        return source;
    }

    private static void WarnIfOpen(string file, List<ConfigurationProblem> problems)
    {
        if (OpenToOthers.Is(file))
            problems.Add(new(file, 0, OpenToOthers.Warning, IsWarning: true));
    }

    /// <summary>A file for a client that was given no ending; what editors and package tools leave has one, and README is one.</summary>
    private static void WarnOfOthers(string folder, List<ConfigurationProblem> problems)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f) is var name && !name.Contains('.', StringComparison.Ordinal) && name[^1] != '~' && name != "README").Order(StringComparer.Ordinal))
            problems.Add(new(file, 0, "is not read, as its name does not end in .conf", IsWarning: true));
    }

    private static Comparer<byte[]> ByteOrder { get; } = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));

    private static ClientsSource Worse(ClientsSource one, ClientsSource other) => one > other ? one : other;

    private static ClientsSource SourceOf(ConfigurationFile.Outcome outcome) => outcome switch
    {
        ConfigurationFile.Outcome.Read => ClientsSource.Whole,
        ConfigurationFile.Outcome.Missing => ClientsSource.Missing,
        ConfigurationFile.Outcome.Unreadable => ClientsSource.Unreadable,
        _ => ClientsSource.Malformed,
    };

    private static string? HomeOf(string? user, UserAccount? own) =>
        user is not null ? UserAccount.Find(user)?.HomeDirectory
        : Environment.GetEnvironmentVariable("HOME") ?? (own ?? UserAccount.Find(Credentials.EffectiveUser))?.HomeDirectory;
}
