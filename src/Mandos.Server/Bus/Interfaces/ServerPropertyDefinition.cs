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

/// <summary>What the server reports about itself on the bus.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Address">That it listens on; <c>::</c> or <c>0.0.0.0</c>: all.</param>
/// <param name="Port">TCP.</param>
/// <param name="Interface">The one interface that it uses; empty: all.</param>
/// <param name="ServiceName">As it is announced.</param>
internal sealed record ServerFacts(string Version, string Address, ushort Port, string Interface, string ServiceName);
