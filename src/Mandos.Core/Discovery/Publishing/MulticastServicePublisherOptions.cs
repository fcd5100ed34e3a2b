namespace Mandos.Core.Discovery.Publishing;

/// <summary>Options for publishing.</summary>
public sealed record MulticastServicePublisherOptions
{
    /// <summary>At most 63 bytes of UTF-8; if the name is taken, <c> #2</c> and so on is appended.</summary>
    public string InstanceName { get; init; } = "Mandos";

    /// <summary>The service type and domain.</summary>
    public string ServiceType { get; init; } = "_mandos._tcp.local";

    /// <summary>The TCP port of the service.</summary>
    public required ushort Port { get; init; }

    /// <summary>The machine's name; everything from the first dot on is ignored.</summary>
    public string HostName { get; init; } = Environment.MachineName;

    /// <summary>Publish IPv6 addresses over IPv6.</summary>
    public bool UseIPv6 { get; init; } = true;

    /// <summary>Publish IPv4 addresses over IPv4.</summary>
    public bool UseIPv4 { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets debug messages of one line; called from any thread, must not block.</summary>
    public Action<string>? Debug { get; init; }
}
