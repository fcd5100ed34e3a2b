using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>avahi-browse and avahi-publish; the machine needs an avahi-daemon.</summary>
public static class Avahi
{
    /// <summary>Browses for Mandos servers and resolves them, until ended; one line of fields with ';' for each event.</summary>
    public static RunningProcess Browse(Machine machine) =>
        machine.Start(new() { LogOutput = true }, "/usr/bin/avahi-browse", "--parsable", "--resolve", "--no-db-lookup", "_mandos._tcp");

    /// <summary>Publishes a service of the type of Mandos, until ended.</summary>
    public static RunningProcess Publish(Machine machine, string name, int port) =>
        machine.Start(new() { LogOutput = true }, "/usr/bin/avahi-publish", "--service", name, "_mandos._tcp", $"{port}");
}
