using Mandos.Client.Hosting;
using Mandos.Core.Linux.Files;

namespace Mandos.Client.Runner;

/// <summary>Preparations in an initramfs that need root, before plugins start.</summary>
internal static class RootPreparation
{
    /// <summary>
    /// Some tools make root the owner of every file in the image (Debian bug #633582), so that the plugins' user could not access its own
    /// files; and shells read scripts and here-documents through /dev/fd, which is missing in early boot (Debian bug #981302).
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
