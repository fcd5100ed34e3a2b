using Mandos.Peers.Machines;

namespace Mandos.Peers.Chroots;

/// <summary>The root file systems that machines start from. They are never changed.</summary>
public static class Chroot
{
    /// <summary>The chroot of a release with the original's programs, made (about half a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        GetAsync($"debian-{release.Suite}", "make-chroot.sh", release.Suite, release.Packages, cancellationToken);

    /// <summary>A chroot that a script of this folder makes.</summary>
    internal static Task<string> GetAsync(
        string name, string scriptName, string suite, IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        var script = Resources.Text(scriptName);
        return Cache.GetAsync(
            name,
            $"{script}\n{suite}\n{string.Join(' ', packages)}",
            async folder =>
            {
                await Console.Error.WriteLineAsync($"making a Debian chroot ({name}) in {Cache.Folder}, once");
                // What mmdebstrap mounts ends with it, also when it is killed.
                string[] arguments =
                    ["--mount", "--propagation", "private", "/bin/sh", "-c", script, scriptName, suite, folder, .. packages];
                await using var making = RunningProcess.Start(name, "unshare", arguments, new());
                var done = await making.WaitAsync(TimeSpan.FromMinutes(20), cancellationToken);
                if (done.ExitCode != 0)
                    throw new InvalidOperationException($"no chroot {name}: {done.Errors}");
            },
            cancellationToken);
    }
}
