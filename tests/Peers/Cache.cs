using System.Security.Cryptography;
using System.Text;

namespace Mandos.Peers;

/// <summary>
/// What takes long to make and is the same each time: chroots and keys of the original. Kept outside the checkout, under
/// a name with the hash of what it is made from; made whole or not at all; runs at the same time wait for each other.
/// </summary>
public static class Cache
{
    /// <summary>$MANDOS_TEST_CACHE, else mandos-tests in $XDG_CACHE_HOME or /var/cache.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("MANDOS_TEST_CACHE") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } user ? user : "/var/cache", "mandos-tests");

    /// <summary>
    /// The folder <c>NAME-HASH</c>; <paramref name="makeAsync"/> is called to fill a new one (the path it gets does not
    /// exist yet).
    /// </summary>
    public static async Task<string> GetAsync(
        string name, string madeFrom, Func<string, Task> makeAsync, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(madeFrom)))[..16];
        var folder = Path.Combine(Folder, $"{name}-{hash}");
        if (Directory.Exists(folder))
            return folder;
        Directory.CreateDirectory(Folder);
        await using var held = await LockAsync($"{folder}.lock", cancellationToken);
        if (Directory.Exists(folder))
            return folder;
        var unfinished = $"{folder}.unfinished";
        Remove(unfinished);
        try
        {
            await makeAsync(unfinished);
            Directory.Move(unfinished, folder);
        }
        finally
        {
            Remove(unfinished);
        }

        RemoveOlder(name, folder);
        return folder;
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // .NET takes flock(2) for FileShare.None.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(200, cancellationToken);
            }
        }
    }

    private static void RemoveOlder(string name, string keep)
    {
        var weekAgo = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-7);
        foreach (var old in Directory.EnumerateDirectories(Folder, $"{name}-*"))
        {
            if (old != keep && !old.EndsWith(".unfinished", StringComparison.Ordinal) && Directory.GetLastAccessTimeUtc(old) < weekAgo)
                Remove(old);
        }
    }

    private static void Remove(string folder)
    {
        // A chroot that mmdebstrap was interrupted in may hold mounts no more (they lived in its own namespace).
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
