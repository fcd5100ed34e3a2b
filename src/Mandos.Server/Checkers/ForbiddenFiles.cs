using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Server.Checkers;

/// <summary>
/// What is the server's alone. A checker runs as the same user, and reads bytes from the machine that it checks: a hole in
/// it must not be one into all clients' secrets. All that is beside these files stays allowed, one rule for each entry of
/// each directory on the way to them.
/// </summary>
internal sealed class ForbiddenFiles
{
    /// <summary>Entries of one directory; more are not looked at.</summary>
    private const int MostEntries = 10_000;

    /// <summary>The directories on the way, each with the beginnings of names that are forbidden in it.</summary>
    private readonly Dictionary<string, List<string>> _forbidden = new(StringComparer.Ordinal);
    private readonly HashSet<string> _onTheWay = new(StringComparer.Ordinal);

    /// <param name="stateDirectory">With all that is in it.</param>
    /// <param name="configurationDirectory">Of it: clients.conf, clients.d and copies that editors and people make of them.</param>
    internal ForbiddenFiles(string stateDirectory, string configurationDirectory)
    {
        Forbid(Real(stateDirectory), "");
        Forbid(Path.Combine(Real(configurationDirectory), "clients"), "*");
    }

    /// <summary>
    /// What the directories on the way were like: rules belong to what was in them then, and a file that was replaced or
    /// added since has none. Null: they change just now.
    /// </summary>
    internal FileStamp[]? Stamp()
    {
        var stamps = new FileStamp[_onTheWay.Count];
        var (now, at) = (TimeProvider.System.GetUtcNow().UtcDateTime, 0);
        foreach (var directory in _onTheWay)
        {
            // One that is not there is as good as one that never changes.
            var stamp = FileStamp.Of(directory) ?? default;
            if (!stamp.IsSettled(now))
                return null;
            stamps[at++] = stamp;
        }

        return stamps;
    }

    /// <summary>Allows all that is not forbidden.</summary>
    /// <exception cref="IOException">A directory on the way cannot be listed, or has too much in it.</exception>
    internal void AllowOthers(LandlockRuleset ruleset)
    {
        foreach (var directory in _onTheWay.Where(Directory.Exists))
        {
            foreach (var entry in EntriesOf(directory))
            {
                // One that cannot be opened is as forbidden to a checker, or gone.
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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

    /// <summary>Without symbolic links: landlock looks at the way that a file really lies at.</summary>
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
