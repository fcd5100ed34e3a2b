namespace Mandos.Server.Clients;

/// <summary>A digest of a client's secret; see <see cref="ConfiguredClient.SecretDigest"/>.</summary>
internal delegate string SecretDigest(string client, ClientSecret secret);
