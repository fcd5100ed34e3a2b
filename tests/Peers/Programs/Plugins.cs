using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>The plugins besides the client.</summary>
public static class Plugins
{
    /// <summary>
    /// Where a plugin is on the machine, by the name that it is called by in an initramfs; ours is a link to the one file.
    /// </summary>
    public static async Task<string> PathAsync(
        Machine machine, Implementation implementation, string plugin, CancellationToken cancellationToken)
    {
        if (implementation == Implementation.Original)
            return $"{Path.GetDirectoryName(implementation.Client)}/{plugin}";
        var link = $"/run/plugins/{plugin}";
        await machine.ShellAsync($"mkdir -p /run/plugins; ln -sf {implementation.Client} {link}", cancellationToken);
        return link;
    }
}
