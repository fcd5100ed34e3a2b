namespace Mandos.Server.Publishing.Responder;

/// <summary>What to announce in addition to the name, and where.</summary>
/// <param name="Port">The TCP port.</param>
/// <param name="Interface">The name of the only interface; null for all.</param>
/// <param name="UseIPv6">Whether to announce over IPv6.</param>
/// <param name="UseIPv4">Whether to announce over IPv4.</param>
internal sealed record PublicationSettings(ushort Port, string? Interface, bool UseIPv6, bool UseIPv4);
