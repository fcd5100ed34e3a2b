using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>What the properties of the server are made of.</summary>
internal sealed record ServerView(ServerFacts Facts, ulong SecretsGiven, LogLevel LogLevel);

/// <summary>Writes the value of a property, without its variant.</summary>
internal delegate void ServerValue(BusWriter writer, ServerView server);

/// <summary>A property of the server on the bus.</summary>
internal sealed record ServerPropertyDefinition(BusProperty Description, ServerValue Value)
{
    internal string Name => Description.Name;

    /// <summary>Writes a variant with its value.</summary>
    internal void WriteVariant(BusWriter writer, ServerView server)
    {
        writer.OpenVariant(Description.Type);
        Value(writer, server);
        writer.Close();
    }
}
