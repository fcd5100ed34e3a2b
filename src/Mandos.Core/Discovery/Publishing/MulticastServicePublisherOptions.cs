namespace Mandos.Core.Discovery.Publishing;

/// <summary>What to publish.</summary>
public sealed record MulticastServicePublisherOptions
{
    /// <summary>At most 63 bytes of UTF-8; when taken, <c> #2</c> and so on is appended.</summary>
    public string InstanceName { get; init; } = "Mandos";

    /// <summary>Type and domain.</summary>
    public string ServiceType { get; init; } = "_mandos._tcp.local";

    /// <summary>The TCP port of the service.</summary>
    public required ushort Port { get; init; }

    /// <summary>The machine's name; what follows the first dot does not count.</summary>
    public string HostName { get; init; } = Environment.MachineName;

    /// <summary>Publish IPv6 addresses over IPv6.</summary>
    public bool UseIPv6 { get; init; } = true;

    /// <summary>Publish IPv4 addresses over IPv4.</summary>
    public bool UseIPv4 { get; init; }

    /// <summary>Where all time comes from.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes one line of text about what goes on; called from any thread, must not block.</summary>
    public Action<string>? Debug { get; init; }
}
