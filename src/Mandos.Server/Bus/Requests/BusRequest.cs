using Mandos.Bus.Connections;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Bus.Requests;

/// <summary>A call with valid arguments; whether the object exists is checked later.</summary>
internal abstract record BusRequest(BusCall Call)
{
    /// <summary>The description for the log.</summary>
    internal virtual string Text => $"{Call.Member} on {Call.Path}";

    /// <summary>Whether the call changes nothing, so that it can be dropped when its caller has left.</summary>
    internal bool OnlyReads => this is Introspect or GetProperty or GetAllProperties or ListObjects or ListClients or ListProperties
        or GetStatistics or GetHistory;

    internal sealed record Introspect(BusCall Call) : BusRequest(Call);

    internal sealed record GetProperty(BusCall Call, string Interface, string Property) : BusRequest(Call);

    internal sealed record GetAllProperties(BusCall Call, string Interface) : BusRequest(Call);

    /// <summary>GetManagedObjects.</summary>
    internal sealed record ListObjects(BusCall Call) : BusRequest(Call);

    /// <summary>GetAllClients.</summary>
    internal sealed record ListClients(BusCall Call) : BusRequest(Call);

    /// <summary>GetAllClientsWithProperties.</summary>
    internal sealed record ListProperties(BusCall Call) : BusRequest(Call);

    /// <summary>A call to a method of a client, or a write to one of its properties.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="What">The method or the property.</param>
    /// <param name="Change">The change.</param>
    internal sealed record ChangeClient(BusCall Call, string What, ClientChange Change) : BusRequest(Call)
    {
        internal override string Text => What == Call.Member ? base.Text : $"{Call.Member} {What} on {Call.Path}";
    }

    internal sealed record RemoveClient(BusCall Call, string Path) : BusRequest(Call)
    {
        internal override string Text => $"{Call.Member} {Path}";
    }

    internal sealed record AddClient(BusCall Call, ClientDefinition Definition) : BusRequest(Call)
    {
        internal override string Text => $"{Call.Member} [{Definition.Name}]";
    }

    /// <summary>A program does something with a client for a person that it knows.</summary>
    internal sealed record ActFor(BusCall Call, string Client, string Person, ClientEvent Event) : BusRequest(Call)
    {
        internal override string Text => $"{Call.Member} for \"{Person}\"";
    }

    internal sealed record GetStatistics(BusCall Call) : BusRequest(Call);

    /// <summary>The latest records of the audit trail.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Client">Only those about this client; empty for all.</param>
    /// <param name="Before">Only those with a lower number; 0 for all.</param>
    /// <param name="Most">The limit.</param>
    internal sealed record GetHistory(BusCall Call, string Client, long Before, int Most) : BusRequest(Call);

    internal sealed record Reload(BusCall Call) : BusRequest(Call);

    internal sealed record SetLogLevel(BusCall Call, LogLevel Level) : BusRequest(Call);
}
