using Mandos.Bus.Connections;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Bus.Objects;
using Mandos.Server.Logging;

namespace Mandos.Server.Bus;

/// <summary>What the bus needs to know besides the clients.</summary>
internal sealed record BusSettings
{
    /// <summary>Where the bus is.</summary>
    internal string Address { get; init; } = BusAddress.System;

    /// <summary>What the server reports about itself; asked for each time.</summary>
    internal required Func<ServerFacts> Facts { get; init; }

    /// <summary>The paths of the clients, which others may want to know too.</summary>
    internal ClientPaths Paths { get; init; } = new();

    /// <summary>Has the configuration of the clients read again; returns at once.</summary>
    internal required Action Reload { get; init; }

    /// <summary>What SetLogLevel sets.</summary>
    internal required LogThreshold LogThreshold { get; init; }

    /// <summary>Steps of clients that may wait for the bus, besides two for each client that exists at the start.</summary>
    internal int MostWaiting { get; init; } = 10_000;

    /// <summary>Calls that may wait for their answers.</summary>
    internal int MostCalls { get; init; } = 1_000;

    /// <summary>Bytes that these calls may take together, as messages and as arguments that were read.</summary>
    internal long MostCallBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Between two attempts to get the names.</summary>
    internal TimeSpan NamePause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the end of the server waits for a bus that takes nothing.</summary>
    internal TimeSpan FarewellTime { get; init; } = TimeSpan.FromSeconds(2);
}
