using Mandos.Client.Hosting;
using Mandos.Core.Linux.Files;

namespace Mandos.Client.Runner;

/// <summary>What only root can set right in an initramfs, before plugins start.</summary>
internal static class RootPreparation
{
    /// <summary>
    /// Some tools make every file of the image root's (Debian bug #633582), so that the plugins' user could not get at its
    /// own; and shells read scripts and here-documents by /dev/fd, which early boot lacks (Debian bug #981302).
    /// </summary>
    internal static void Run(RunnerSettings settings, Messages messages)
    {
        const string plugins = RunnerSettings.DefaultPluginDirectory, descriptors = "/dev/fd";
        if (FileKind.IsClosedDirectoryOfRoot(plugins)
            && FileNames.ChangeOwner(plugins, settings.User, settings.Group) is { Ok: false } error)
            messages.Warning($"cannot change the owner of \"{plugins}\" to user {settings.User}: {error}");
        if (!FileKind.Exists(descriptors) && FileNames.Link("/proc/self/fd", descriptors) is { Ok: false } problem)
            messages.Debug?.Invoke($"cannot create {descriptors}: {problem}");
    }
}
