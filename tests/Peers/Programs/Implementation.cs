namespace Mandos.Peers.Programs;

/// <summary>Whose programs: where they are on a machine.</summary>
/// <param name="Name">For the names of tests.</param>
/// <param name="Client">The boot program.</param>
/// <param name="Server">The daemon.</param>
/// <param name="Keygen">The key tool.</param>
/// <param name="Control">The operator's tool.</param>
/// <param name="Monitor">The operator's screen.</param>
public sealed record Implementation(string Name, string Client, string Server, string Keygen, string Control, string Monitor)
{
    /// <summary>Debian's packages mandos and mandos-client.</summary>
    public static Implementation Original { get; } = new(
        "original", "/usr/lib/x86_64-linux-gnu/mandos/plugins.d/mandos-client", "/usr/sbin/mandos", "/usr/sbin/mandos-keygen",
        "/usr/sbin/mandos-ctl", "/usr/sbin/mandos-monitor");

    /// <summary>This project's published programs.</summary>
    public static Implementation Ours { get; } = new(
        "ours", "/opt/mandos/mandos-client", "/opt/mandos/mandos", "/opt/mandos/mandos-keygen", "/opt/mandos/mandos-ctl",
        "/opt/mandos/mandos-monitor");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
