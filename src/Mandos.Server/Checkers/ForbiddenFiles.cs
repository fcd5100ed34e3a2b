using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Server.Checkers;

/// <summary>
/// Files that only the server may access. A checker runs as the same user and reads data from the machine that it checks, so a
/// vulnerability in it must not expose the secrets of all clients. Everything except these files remains allowed, by one rule for each
/// entry of each directory on the path to them.
/// </summary>
internal sealed class ForbiddenFiles
{
    /// <summary>The limit on entries of one directory.</summary>
    private const int MostEntries = 10_000;

    /// <summary>The directories on the path, each with the name prefixes that are forbidden in it.</summary>
    private readonly Dictionary<string, List<string>> _forbidden = new(StringComparer.Ordinal);
    private readonly HashSet<string> _onTheWay = new(StringComparer.Ordinal);

    /// <param name="stateDirectory">The state directory, forbidden with all its content.</param>
    /// <param name="configurationDirectory">The configuration directory, of which clients.conf, clients.d and their copies (backups, editor
    /// files) are forbidden.</param>
    internal ForbiddenFiles(string stateDirectory, string configurationDirectory)
    {
        Forbid(Real(stateDirectory), "");
        Forbid(Path.Combine(Real(configurationDirectory), "clients"), "*");
    }

    /// <summary>
    /// Returns the state of the directories on the path. Rules cover what the directories contained when the rules were made; a file that
    /// was added or replaced later has none. Null if the directories are changing just now.
    /// </summary>
    internal FileStamp[]? Stamp()
    {
        var stamps = new FileStamp[_onTheWay.Count];
        var (now, at) = (TimeProvider.System.GetUtcNow().UtcDateTime, 0);
        foreach (var directory in _onTheWay)
        {
            // A missing directory counts as one that never changes.
            var stamp = FileStamp.Of(directory) ?? default;
            if (!stamp.IsSettled(now))
                return null;
            stamps[at++] = stamp;
        }

        return stamps;
    }

    /// <summary>
    /// Allows everything that is not forbidden. A directory on the path that cannot be listed, because only root may enter it, is forbidden
    /// with all its content.
    /// </summary>
    /// <exception cref="IOException">A directory on the path has too many entries, or cannot be read.</exception>
    internal void AllowOthers(LandlockRuleset ruleset)
    {
        foreach (var directory in _onTheWay.Where(Directory.Exists))
        {
            foreach (var entry in EntriesOf(directory))
            {
                // An entry that cannot be opened is gone, or a checker cannot open it either.
                if (!_onTheWay.Contains(entry) && !IsForbidden(directory, Path.GetFileName(entry)))
                    _ = ruleset.Allow(entry);
            }
        }
    }

    private static List<string> EntriesOf(string directory)
    {
        List<string> entries;
        try
        {
            entries = [.. Directory.EnumerateFileSystemEntries(directory).Take(MostEntries + 1)];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
        catch (IOException e)
        {
            throw new IOException($"cannot list {directory}: {SystemFailure.Reason(e)}", e);
        }

        return entries.Count <= MostEntries ? entries : throw new IOException($"{directory}: more than {MostEntries} files");
    }

    private bool IsForbidden(string directory, string name) =>
        _forbidden.TryGetValue(directory, out var names)
        && names.Exists(n => n.EndsWith('*') ? name.StartsWith(n[..^1], StringComparison.Ordinal) : name == n);

    private void Forbid(string path, string suffix)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
            return;
        if (!_forbidden.TryGetValue(parent, out var names))
            _forbidden.Add(parent, names = []);
        names.Add(Path.GetFileName(path) + suffix);
        for (var directory = parent; directory is not null; directory = Path.GetDirectoryName(directory))
            _onTheWay.Add(directory);
    }

    /// <summary>Resolves symbolic links: landlock uses the real path of a file.</summary>
    private static string Real(string path)
    {
        var real = "/";
        foreach (var part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            real = TargetOf(real) ?? real;
        }

        return real;
    }

    private static string? TargetOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? Real(target.FullName) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
