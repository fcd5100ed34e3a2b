using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>A client as it is visible on the bus at one instant.</summary>
internal sealed record ClientObject(string Path, ClientState State)
{
    /// <summary>The last element of the path.</summary>
    internal string Element => Path[(ClientPath.Parent.Length + 1)..];
}
