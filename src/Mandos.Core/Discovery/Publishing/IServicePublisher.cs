namespace Mandos.Core.Discovery.Publishing;

/// <summary>Publishes one service instance by DNS-SD.</summary>
public interface IServicePublisher : IAsyncDisposable
{
    /// <summary>The current name of the instance; it changes if the name is already taken (<c>Mandos #2</c>).</summary>
    string InstanceName { get; }

    /// <summary>Raised after a change of <see cref="InstanceName"/>.</summary>
    event Action<string>? Renamed;

    /// <summary>Probes, announces and answers until cancelled; then sends a goodbye.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
