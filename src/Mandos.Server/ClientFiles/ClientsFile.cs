using System.Text;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Server.Configuration;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// clients.conf on disk and the files <c>*.conf</c> of the folder clients.d beside it, with the secret files that they name.
/// The files of the folder come after clients.conf, by their names as bytes. Each is a file with its own grammar; what stands
/// in <c>[DEFAULT]</c> of clients.conf holds for all, that of another file for that file, and wins there.
/// </summary>
internal static class ClientsFile
{
    /// <summary>Reads all of it.</summary>
    /// <param name="path">clients.conf.</param>
    /// <param name="home">Whose home directory <c>~</c> is where HOME is not set; null for our own.</param>
    /// <param name="problems">Everything that is wrong is added here, but not again what was said of files that did not change.</param>
    /// <param name="time">To remember what is read; null: nothing is.</param>
    /// <param name="known">What was read and followed before, so that it is not read again; null: nothing was.</param>
    internal static ClientsReading Read(
        string path, UserAccount? home, List<ConfigurationProblem> problems, TimeProvider? time = null, KnownFiles? known = null)
    {
        var paths = new PathExpansion(Environment.GetEnvironmentVariable, user => HomeOf(user, home));
        var files = time is null ? null : new KnownFiles(time) { Sections = known?.Sections ?? new() };
        try
        {
            var reader = new ClientsReader(paths, problems) { Files = files };
            var source = ReadMain(path, reader, paths, problems, files, known, out var defaults, out var hasMain);
            using (defaults)
            {
                // What holds for all files holds in each of them.
                if (known is not null && !HaveSameDefaults(known.Defaults, defaults))
                    known = null;
                source = ReadFolder(FolderOf(path), reader, paths, defaults, problems, known, files, source);
                if (files is not null)
                    files.Defaults = defaults?.DefaultsAlone();
                return new ClientsReading(source, hasMain, reader.Clients, reader.LeftOut) { Order = reader.Order, Files = files };
            }
        }
        catch
        {
            files?.Dispose();
            throw;
        }
    }

    /// <param name="path">clients.conf.</param>
    /// <param name="reader">Gets its clients.</param>
    /// <param name="paths">For names of secret files.</param>
    /// <param name="problems">What is wrong with it.</param>
    /// <param name="files">Remembers it.</param>
    /// <param name="known">What is remembered.</param>
    /// <param name="document">What holds for all files; the caller disposes it.</param>
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
        // One that is empty is looked at each time.
        if (document is not null)
            reader.Read(document, isThere ? stamp : null, known?.Find(path));
        return SourceOf(outcome);
    }

    private static bool HaveSameDefaults(ConfigurationDocument? one, ConfigurationDocument? other) =>
        one is null || other is null ? one is null && other is null : one.HasDefaultsOf(other);

    /// <summary>The folder whose files belong to it.</summary>
    internal static string FolderOf(string path) => Path.ChangeExtension(path, ".d");

    private static ClientsSource ReadFolder(
        string folder, ClientsReader reader, PathExpansion paths, ConfigurationDocument? main, List<ConfigurationProblem> problems,
        KnownFiles? known, KnownFiles? files, ClientsSource source)
    {
        string[] found;
        try
        {
            found =
                [.. Directory.EnumerateFiles(folder, "*.conf").Where(file => Path.GetFileName(file)[0] != '.' && !FileKind.IsSpecial(file))
                    .OrderBy(Encoding.UTF8.GetBytes, ByteOrder)];
            WarnOfOthers(folder, problems);
        }
        catch (DirectoryNotFoundException)
        {
            if (!Path.Exists(folder))
                return source;
            problems.Add(new(folder, 0, "cannot be read: not a directory, or a link to one that does not exist", IsWarning: true));
            return Worse(source, ClientsSource.Unreadable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(folder, 0, $"cannot be read: {FileFailure.Reason(e)}", IsWarning: true));
            return Worse(source, ClientsSource.Unreadable);
        }

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

            // One that is gone since is gone.
            if (outcome != ConfigurationFile.Outcome.Missing)
                source = source == ClientsSource.Missing ? SourceOf(outcome) : Worse(source, SourceOf(outcome));
        }

        return source;
    }

    private static void WarnIfOpen(string file, List<ConfigurationProblem> problems)
    {
        if (OpenToOthers.Is(file))
            problems.Add(new(file, 0, OpenToOthers.Warning(file), IsWarning: true));
    }

    /// <summary>A file for a client that was given no ending; what editors and package tools leave has one, and README is one.</summary>
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
