namespace Mandos.Server.Publishing;

/// <summary>What is announced besides the name, and where.</summary>
/// <param name="Port">TCP port.</param>
/// <param name="Interface">Name of the one interface; null for all.</param>
/// <param name="UseIPv6">Over IPv6; else over IPv4.</param>
internal sealed record PublicationSettings(ushort Port, string? Interface, bool UseIPv6);
