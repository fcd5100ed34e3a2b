using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Plugins;

/// <summary>Whether Plymouth controls the screen. Then the console is not visible, and Plymouth prompts instead.</summary>
internal static class PlymouthPresence
{
    internal const string Daemon = "plymouthd";
    internal const string PidFile = "/run/plymouth/pid";

    /// <summary>Whether its daemon left a PID file or is among the processes.</summary>
    internal static bool IsThere()
    {
        var left = Descriptor.OpenForReading(PidFile, out var file);
        file.Dispose();
        return left.Ok || ProcessCommandLine.Find(Daemon) != 0;
    }
}
