using Mandos.Core.Keys;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>Logs, once in a run, that a secret could not be locked into memory, and how to fix that.</summary>
/// <param name="life">The log for this message.</param>
internal sealed class SecretLocking(ILogger life) : IClientObserver
{
    private bool _wasTold;

    /// <summary>Examines the clients that exist at the start.</summary>
    internal void Look(IEnumerable<ClientState> clients)
    {
        // The lock may succeed now, because a start or reload has wiped other secrets.
        var areLocked = true;
        foreach (var client in clients)
            areLocked &= client.Secret.IsLocked || client.Secret.TryLock();
        if (areLocked || _wasTold)
            return;
        _wasTold = true;
        life.SecretsNotLocked((ProcessMemory.LockLimit ?? 0) / 1024);
    }

    /// <inheritdoc />
    public void Observe(ClientTransition transition)
    {
        if (transition.After is { } after && !ReferenceEquals(after.Secret, transition.Before?.Secret))
            Look([after]);
    }

    /// <inheritdoc />
    public void ObserveUnknown(KeyId key, string address)
    {
        // An unknown key has no secret.
    }
}
