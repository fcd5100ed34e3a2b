namespace Mandos.Server.Publishing.Responder;

/// <summary>What is announced besides the name, and where.</summary>
/// <param name="Port">TCP port.</param>
/// <param name="Interface">Name of the one interface; null for all.</param>
/// <param name="UseIPv6">Over IPv6.</param>
/// <param name="UseIPv4">Over IPv4; both where the server listens on both.</param>
internal sealed record PublicationSettings(ushort Port, string? Interface, bool UseIPv6, bool UseIPv4);
