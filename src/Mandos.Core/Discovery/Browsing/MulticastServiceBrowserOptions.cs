namespace Mandos.Core.Discovery.Browsing;

/// <summary>What to browse for.</summary>
public sealed record MulticastServiceBrowserOptions
{
    /// <summary>Type and domain.</summary>
    public string ServiceType { get; init; } = "_mandos._tcp.local";

    /// <summary>Where all time comes from.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes one line of text about what goes on; called from any thread, must not block.</summary>
    public Action<string>? Debug { get; init; }
}
