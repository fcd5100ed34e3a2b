using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>Writes the value of a property, without its variant.</summary>
internal delegate void ClientValue(BusWriter writer, ClientObject client);

/// <summary>A property of a client on the bus.</summary>
/// <param name="Description">For introspection.</param>
/// <param name="Value">Its value; null: it cannot be read.</param>
/// <param name="Changes">What it is to the state machine; null: it never changes.</param>
internal sealed record ClientPropertyDefinition(BusProperty Description, ClientValue? Value, ClientProperty? Changes)
{
    internal string Name => Description.Name;

    /// <summary>Writes a variant with its value.</summary>
    internal void WriteVariant(BusWriter writer, ClientObject client)
    {
        writer.OpenVariant(Description.Type);
        Value!(writer, client);
        writer.Close();
    }
}
