using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Plugins;

/// <summary>Whether Plymouth has the screen. Then the console is not visible, and Plymouth asks instead.</summary>
internal static class PlymouthPresence
{
    internal const string Daemon = "plymouthd";
    internal const string PidFile = "/run/plymouth/pid";

    /// <summary>True if its daemon left its number or is among the processes.</summary>
    internal static bool IsThere()
    {
        var left = Descriptor.OpenForReading(PidFile, out var file);
        file.Dispose();
        return left.Ok || ProcessCommandLine.Find(Daemon) != 0;
    }
}
