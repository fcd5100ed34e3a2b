using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The data behind the properties of the server.</summary>
internal sealed record ServerView(ServerFacts Facts, ulong SecretsGiven, LogLevel LogLevel);

/// <summary>Writes the value of a property, without its variant.</summary>
internal delegate void ServerValue(BusWriter writer, ServerView server);

/// <summary>A property of the server on the bus.</summary>
internal sealed record ServerPropertyDefinition(BusProperty Description, ServerValue Value)
{
    internal string Name => Description.Name;

    /// <summary>Writes a variant with the value.</summary>
    internal void WriteVariant(BusWriter writer, ServerView server)
    {
        writer.OpenVariant(Description.Type);
        Value(writer, server);
        writer.Close();
    }
}

/// <summary>What the server reports about itself on the bus.</summary>
/// <param name="Version">The version of the program.</param>
/// <param name="Address">The address that it listens on; <c>::</c> or <c>0.0.0.0</c> means all.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Interface">The only interface that it uses; empty for all.</param>
/// <param name="ServiceName">The announced service name.</param>
internal sealed record ServerFacts(string Version, string Address, ushort Port, string Interface, string ServiceName);
