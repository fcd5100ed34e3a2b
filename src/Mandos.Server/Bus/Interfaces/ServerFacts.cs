namespace Mandos.Server.Bus.Interfaces;

/// <summary>What the server reports about itself on the bus.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Address">That it listens on; <c>::</c> or <c>0.0.0.0</c>: all.</param>
/// <param name="Port">TCP.</param>
/// <param name="Interface">The one interface that it uses; empty: all.</param>
/// <param name="ServiceName">As it is announced.</param>
internal sealed record ServerFacts(string Version, string Address, ushort Port, string Interface, string ServiceName);
