using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>A client as it is seen on the bus at an instant.</summary>
internal sealed record ClientObject(string Path, ClientState State)
{
    /// <summary>The last element of its path.</summary>
    internal string Element => Path[(ClientPath.Parent.Length + 1)..];
}
