using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>Writes the value of a property, without its variant.</summary>
internal delegate void ClientValue(BusWriter writer, ClientObject client);

/// <summary>A property of a client on the bus.</summary>
/// <param name="Description">The introspection data.</param>
/// <param name="Value">Writes the value; null if the property is not readable.</param>
/// <param name="Changes">The property in the state machine; null if it never changes.</param>
internal sealed record ClientPropertyDefinition(BusProperty Description, ClientValue? Value, ClientProperty? Changes)
{
    internal string Name => Description.Name;

    /// <summary>Writes a variant with the value.</summary>
    internal void WriteVariant(BusWriter writer, ClientObject client)
    {
        writer.OpenVariant(Description.Type);
        Value!(writer, client);
        writer.Close();
    }
}
