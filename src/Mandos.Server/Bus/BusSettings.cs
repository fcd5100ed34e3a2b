using Mandos.Bus.Connections;
using Mandos.Core.Audit;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Bus.Objects;
using Mandos.Server.Logging;
using Mandos.Server.Statistics;

namespace Mandos.Server.Bus;

/// <summary>What the bus code needs to know besides the clients.</summary>
internal sealed record BusSettings
{
    /// <summary>The address of the bus.</summary>
    internal string Address { get; init; } = BusAddress.System;

    /// <summary>What the server reports about itself; called for each query.</summary>
    internal required Func<ServerFacts> Facts { get; init; }

    /// <summary>The paths of the clients, which other code uses too.</summary>
    internal ClientPaths Paths { get; init; } = new();

    /// <summary>What the server has done since its start.</summary>
    internal ServerStatistics Statistics { get; init; } = new();

    /// <summary>Finds the latest records of the audit trail: client, number that follows, limit. Without a trail there are none.</summary>
    internal Func<string, long, int, IReadOnlyList<AuditRecord>> History { get; init; } = static (_, _, _) => [];

    /// <summary>Requests a reload of the client configuration; returns immediately.</summary>
    internal required Action Reload { get; init; }

    /// <summary>The log level that SetLogLevel sets.</summary>
    internal required LogThreshold LogThreshold { get; init; }

    /// <summary>How many steps of clients may wait for the bus, besides two for each client that exists at the start.</summary>
    internal int MostWaiting { get; init; } = 10_000;

    /// <summary>How many calls may wait for their answers.</summary>
    internal int MostCalls { get; init; } = 1_000;

    /// <summary>How many bytes these calls may use together, for messages and parsed arguments.</summary>
    internal long MostCallBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>The pause between two attempts to claim the bus names.</summary>
    internal TimeSpan NamePause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a shutdown waits for a bus that does not read.</summary>
    internal TimeSpan FarewellTime { get; init; } = TimeSpan.FromSeconds(2);
}
