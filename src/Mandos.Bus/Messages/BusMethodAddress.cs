namespace Mandos.Bus.Messages;

/// <summary>A method of an object of a peer.</summary>
/// <param name="Destination">The peer: a name on the bus.</param>
/// <param name="Path">The object.</param>
/// <param name="Interface">The interface of the method; null for any.</param>
/// <param name="Member">The method.</param>
public sealed record BusMethodAddress(string Destination, string Path, string? Interface, string Member)
{
    /// <summary>Whether the bus starts a service for the name if it has no owner.</summary>
    public bool StartsService { get; init; }
}
