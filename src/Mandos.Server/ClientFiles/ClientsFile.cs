using System.Text;
using Mandos.Configuration;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// Reads clients.conf and the files <c>*.conf</c> of the folder clients.d next to it, with the secret files that they name. The files of
/// the folder follow clients.conf, in byte order of their names. Each file is parsed on its own; <c>[DEFAULT]</c> in clients.conf applies
/// to all files, <c>[DEFAULT]</c> in another file only to that file, where it takes precedence.
/// </summary>
internal static class ClientsFile
{
    /// <summary>Reads all files.</summary>
    /// <param name="path">The path of clients.conf.</param>
    /// <param name="home">The user whose home directory <c>~</c> means if HOME is not set; null for our own.</param>
    /// <param name="problems">All problems are added here, except those already reported for unchanged files.</param>
    /// <param name="time">The clock, if what is read is to be remembered; otherwise null.</param>
    /// <param name="known">What was read and applied before and need not be read again; null if there is nothing.</param>
    /// <param name="hadFolder">Whether there were files in the folder, so that it is missed; see <see cref="ClientsReading.HasInFolder"/>.
    /// </param>
    internal static ClientsReading Read(
        string path, UserAccount? home, List<ConfigurationProblem> problems, TimeProvider? time = null, KnownFiles? known = null,
        bool hadFolder = false)
    {
        var paths = new PathExpansion(Environment.GetEnvironmentVariable, user => HomeOf(user, home));
        var files = time is null ? null : new KnownFiles(time) { Sections = known?.Sections ?? new() };
        try
        {
            var reader = new ClientsReader(paths, problems) { Files = files };
            var source = ReadMain(path, reader, paths, problems, files, known, out var defaults, out var hasMain);
            using (defaults)
            {
                // A change of the common defaults affects all files.
                if (known is not null && !HaveSameDefaults(known.Defaults, defaults))
                    known = null;
                source = ReadFolder(
                    FolderOf(path), hadFolder, reader, paths, defaults, problems, known, files, source, out var hasInFolder);
                if (files is not null)
                    files.Defaults = defaults?.DefaultsAlone();
                return new ClientsReading(source, hasMain, reader.Clients, reader.LeftOut)
                {
                    HasFolder = Directory.Exists(FolderOf(path)),
                    HasInFolder = hasInFolder,
                    Order = reader.Order,
                    Files = files,
                };
            }
        }
        catch
        {
            files?.Dispose();
            throw;
        }
    }

    /// <param name="path">The path of clients.conf.</param>
    /// <param name="reader">Gets the clients.</param>
    /// <param name="paths">Expands the names of secret files.</param>
    /// <param name="problems">Gets the problems.</param>
    /// <param name="files">Remembers the file.</param>
    /// <param name="known">What is remembered.</param>
    /// <param name="document">The defaults for all files; the caller disposes it.</param>
    /// <param name="isThere">See <see cref="ClientsReading.HasMain"/>.</param>
    private static ClientsSource ReadMain(
        string path, ClientsReader reader, PathExpansion paths, List<ConfigurationProblem> problems, KnownFiles? files, KnownFiles? known,
        out ConfigurationDocument? document, out bool isThere)
    {
        isThere = true;
        if (known?.Unchanged(path, paths) is { } unchanged && reader.TryTake(path, unchanged))
        {
            document = known.Defaults?.DefaultsAlone();
            return ClientsSource.Whole;
        }

        var stamp = files?.Stamp(path);
        var outcome = ConfigurationFile.Read(path, ClientsReader.BuiltIn, problems, out document);
        isThere = outcome is not (ConfigurationFile.Outcome.Missing or ConfigurationFile.Outcome.Empty);
        WarnIfOpen(path, problems);
        // An empty file is read each time.
        if (document is not null)
            reader.Read(document, isThere ? stamp : null, known?.Find(path));
        return SourceOf(outcome);
    }

    private static bool HaveSameDefaults(ConfigurationDocument? one, ConfigurationDocument? other) =>
        one is null || other is null ? one is null && other is null : one.HasDefaultsOf(other);

    /// <summary>Returns the folder for further files.</summary>
    internal static string FolderOf(string path) => Path.ChangeExtension(path, ".d");

    private static ClientsSource ReadFolder(
        string folder, bool hadFiles, ClientsReader reader, PathExpansion paths, ConfigurationDocument? main,
        List<ConfigurationProblem> problems, KnownFiles? known, KnownFiles? files, ClientsSource source, out bool hasFiles)
    {
        string[] found;
        hasFiles = true;
        try
        {
            found =
                [.. Directory.EnumerateFiles(folder, "*.conf").Where(file => Path.GetFileName(file)[0] != '.' && !FileKind.IsSpecial(file))
                    .OrderBy(Encoding.UTF8.GetBytes, ByteOrder)];
            WarnOfOthers(folder, problems);
        }
        catch (DirectoryNotFoundException)
        {
            hasFiles = Path.Exists(folder) || hadFiles;
            if (!hasFiles)
                return source;
            problems.Add(new(folder, 0, Path.Exists(folder)
                ? "cannot be read: not a directory, or a link to one that does not exist"
                : "does not exist any more; hint: restore it, or create an empty one to remove its clients", IsWarning: true));
            return Worse(source, ClientsSource.Unreadable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(folder, 0, $"cannot be read: {FileFailure.Reason(e)}", IsWarning: true));
            return Worse(source, ClientsSource.Unreadable);
        }

        hasFiles = found.Length > 0;
        foreach (var file in found)
        {
            if (known?.Unchanged(file, paths) is { } unchanged && reader.TryTake(file, unchanged))
            {
                source = source == ClientsSource.Missing ? ClientsSource.Whole : source;
                continue;
            }

            var stamp = files?.Stamp(file);
            WarnIfOpen(file, problems);
            var outcome = ConfigurationFile.Read(file, ClientsReader.BuiltIn, problems, out var document, main);
            using (document)
            {
                if (document is not null)
                    reader.Read(document, stamp, known?.Find(file));
            }

            // An operator removes a file before a reload, not during it. The folder may just be replaced, which must not remove its
            // clients.
            if (outcome == ConfigurationFile.Outcome.Missing)
            {
                problems.Add(new(file, 0, "disappeared while the folder was read; hint: reload again", IsWarning: true));
                source = Worse(source, ClientsSource.Unreadable);
                continue;
            }

            if (outcome == ConfigurationFile.Outcome.Empty)
                problems.Add(
                    new(file, 0, "is empty; hint: restore it, or delete it or put a comment into it to remove its clients", IsWarning: true));
            var own = outcome == ConfigurationFile.Outcome.Empty ? ClientsSource.Unreadable : SourceOf(outcome);
            source = source == ClientsSource.Missing ? own : Worse(source, own);
        }

        return source;
    }

    private static void WarnIfOpen(string file, List<ConfigurationProblem> problems)
    {
        if (OpenToOthers.Is(file))
            problems.Add(new(file, 0, OpenToOthers.Warning(file), IsWarning: true));
    }

    /// <summary>
    /// Warns of files that probably lack the ending .conf. Files that editors and package tools leave have another ending, and README is no
    /// such file.
    /// </summary>
    private static void WarnOfOthers(string folder, List<ConfigurationProblem> problems)
    {
        foreach (var file
            in Directory.EnumerateFiles(folder)
                .Where(
                    f =>
                        Path.GetFileName(f) is var name
                            && !name.Contains('.', StringComparison.Ordinal)
                            && name[^1] != '~'
                            && name != "README")
                .Order(StringComparer.Ordinal))
            problems.Add(new(file, 0, "is not read, because its name does not end in .conf", IsWarning: true));
    }

    private static Comparer<byte[]> ByteOrder { get; } = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));

    private static ClientsSource Worse(ClientsSource one, ClientsSource other) => one > other ? one : other;

    private static ClientsSource SourceOf(ConfigurationFile.Outcome outcome) => outcome switch
    {
        ConfigurationFile.Outcome.Read or ConfigurationFile.Outcome.Empty => ClientsSource.Whole,
        ConfigurationFile.Outcome.Missing => ClientsSource.Missing,
        ConfigurationFile.Outcome.Unreadable => ClientsSource.Unreadable,
        _ => ClientsSource.Malformed,
    };

    private static string? HomeOf(string? user, UserAccount? own) =>
        user is not null ? UserAccount.Find(user)?.HomeDirectory
        : Environment.GetEnvironmentVariable("HOME") ?? (own ?? UserAccount.Find(Credentials.EffectiveUser))?.HomeDirectory;
}
