namespace Mandos.Server.Publishing;

/// <summary>What is announced, and where.</summary>
/// <param name="Name">Name of the service instance.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Interface">Name of the one interface; null for all.</param>
/// <param name="UseIPv6">Over IPv6; else over IPv4.</param>
internal sealed record PublicationSettings(string Name, ushort Port, string? Interface, bool UseIPv6);
