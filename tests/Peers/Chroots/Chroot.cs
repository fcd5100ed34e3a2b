using Mandos.Peers.Machines;

namespace Mandos.Peers.Chroots;

/// <summary>The root file systems that machines start from. They are never changed.</summary>
public static class Chroot
{
    /// <summary>The chroot of a release, made (about half a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken)
    {
        var script = Resources.Text("make-chroot.sh");
        return Cache.GetAsync(
            $"debian-{release.Suite}",
            $"{script}\n{release.Suite}\n{string.Join(' ', release.Packages)}",
            async folder =>
            {
                await Console.Error.WriteLineAsync($"making a Debian chroot ({release.Suite}) in {Cache.Folder}, once");
                // What mmdebstrap mounts ends with it, also when it is killed.
                string[] arguments = ["--mount", "--propagation", "private", "/bin/sh", "-c", script, "make-chroot.sh", release.Suite, folder, .. release.Packages];
                await using var making = RunningProcess.Start("make-chroot", "unshare", arguments, new());
                var done = await making.WaitAsync(TimeSpan.FromMinutes(8), cancellationToken);
                if (done.ExitCode != 0)
                    throw new InvalidOperationException($"no chroot of {release.Suite}: {done.Errors}");
            },
            cancellationToken);
    }
}
