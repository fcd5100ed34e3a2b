using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>A client as a section of the configuration describes it. Owns its secret until it is handed over.</summary>
internal sealed record ClientDefinition(string Name, KeyId? KeyId, string Fingerprint, ClientSettings Settings, bool Enabled, ClientSecret Secret);
