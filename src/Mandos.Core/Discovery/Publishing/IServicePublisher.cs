namespace Mandos.Core.Discovery.Publishing;

/// <summary>Makes one service instance known by DNS-SD.</summary>
public interface IServicePublisher : IAsyncDisposable
{
    /// <summary>The name under which the instance is known now; changes when another one holds the name (<c>Mandos #2</c>).</summary>
    string InstanceName { get; }

    /// <summary>Raised after a change of <see cref="InstanceName"/>.</summary>
    event Action<string>? Renamed;

    /// <summary>Probes, announces and answers until cancelled; then says goodbye.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
