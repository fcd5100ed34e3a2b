using System.Globalization;
using System.Net;
using Mandos.Client.CommandLine;

namespace Mandos.Client.Retrieval;

/// <summary>
/// The servers that the user named, as candidates. A link-local address may be a different server on each interface: with a scope it is
/// tried on that interface, without one on every usable interface.
/// </summary>
internal sealed class NamedServers(IReadOnlyList<ServerAddress> servers)
{
    /// <summary>Whether they are a single server with a unique address.</summary>
    internal bool IsOne => servers is [var only] && (!only.IsLinkLocal || only.Scope is not null);

    /// <summary>The addresses as the user wrote them.</summary>
    public override string ToString() => string.Join(", ", servers);

    /// <summary>The candidates that need no interface.</summary>
    internal IEnumerable<Candidate> Everywhere() =>
        servers.Where(server => !server.IsLinkLocal).Select(server => new Candidate(new IPEndPoint(server.Address, server.Port), 0));

    /// <summary>The candidates on one interface.</summary>
    internal IEnumerable<Candidate> On(int interfaceIndex, string interfaceName) =>
        servers.Where(server => server.IsLinkLocal && IsOn(server, interfaceIndex, interfaceName))
            .Select(server => new Candidate(new IPEndPoint(Scoped(server.Address, interfaceIndex), server.Port), interfaceIndex));

    /// <summary>Whether a candidate is one of these servers.</summary>
    internal bool Contains(Candidate candidate) => servers.Any(server =>
        server.Port == candidate.EndPoint.Port
            && server.Address.GetAddressBytes().AsSpan().SequenceEqual(candidate.EndPoint.Address.GetAddressBytes()));

    private static bool IsOn(ServerAddress server, int interfaceIndex, string interfaceName) =>
        server.Scope is null || server.Scope == interfaceName || server.Scope == interfaceIndex.ToString(CultureInfo.InvariantCulture);

    private static IPAddress Scoped(IPAddress address, int interfaceIndex) => new(address.GetAddressBytes(), interfaceIndex);
}
