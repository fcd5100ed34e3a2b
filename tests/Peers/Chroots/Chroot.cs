using System.Collections.Concurrent;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Chroots;

/// <summary>The root file systems that machines start from. They are never changed.</summary>
public static class Chroot
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    /// <summary>What could not be made, and why: the next test does not try again for minutes.</summary>
    private static readonly ConcurrentDictionary<string, string> Failures = new();

    /// <summary>The chroot of a release with the original's programs, made (about a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        GetAsync($"debian-{release.Suite}", Resources.Text("make-chroot.sh"), release, release.Packages, cancellationToken);

    /// <summary>A chroot that is made from the base chroot of its release.</summary>
    /// <param name="name">Its name in the cache.</param>
    /// <param name="script">What is done to the copy, with the functions of chroot.sh and the packages as its arguments.</param>
    /// <param name="release">Of Debian.</param>
    /// <param name="packages">To be installed.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    public static async Task<string> GetAsync(
        string name, string script, DebianRelease release, IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        var whole = Resources.Text("chroot.sh") + script;
        var baseScript = Resources.Text("make-base-chroot.sh");
        return await Cache.GetAsync(
            name,
            $"{baseScript}\n{whole}\n{release.Suite}\n{string.Join(' ', packages)}",
            async folder =>
            {
                var copied = await MakeAsync($"base-{release.Suite}", baseScript, [release.Suite], cancellationToken);
                await RunAsync(name, whole, [copied, folder, .. packages], cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>A chroot that a script makes, which gets these arguments and the folder.</summary>
    internal static Task<string> MakeAsync(string name, string script, string[] arguments, CancellationToken cancellationToken) =>
        Cache.GetAsync(
            name,
            $"{script}\n{string.Join('\n', arguments)}",
            folder => RunAsync(name, script, [.. arguments, folder], cancellationToken),
            cancellationToken);

    private static async Task RunAsync(string name, string script, string[] arguments, CancellationToken cancellationToken)
    {
        if (Failures.TryGetValue(name, out var failure))
            throw new InvalidOperationException(failure);
        await Console.Error.WriteLineAsync($"making a Debian chroot ({name}) in {Cache.Folder}, once");
        // What the script mounts and starts ends with it, also when it is killed.
        string[] command =
        [
            "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "/bin/sh", "-c", script, name,
            .. arguments,
        ];
        await using var making = RunningProcess.Start(name, "unshare", command, new());
        var done = await making.WaitAsync(Limit, cancellationToken);
        if (done.ExitCode != 0)
            throw new InvalidOperationException(Failures[name] = $"no chroot {name}: {done.Errors}");
    }
}
