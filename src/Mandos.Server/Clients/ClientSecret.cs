using Mandos.Core.Secrets;

namespace Mandos.Server.Clients;

/// <summary>
/// The secret that is delivered to a client: opaque bytes, by convention an OpenPGP message. The client's states and the connections that
/// deliver it share it; it is wiped when the last holder releases it.
/// </summary>
internal sealed class ClientSecret : IDisposable
{
    private readonly SecretBuffer _bytes;
    private int _holders = 1;

    /// <summary>Takes ownership of the bytes. The creator is the first holder.</summary>
    internal ClientSecret(SecretBuffer bytes) => _bytes = bytes;

    /// <summary>The length in bytes.</summary>
    internal int Length => _bytes.Length;

    /// <summary>False if the memory may be swapped out.</summary>
    internal bool IsLocked => _bytes.IsLocked;

    /// <summary>Tries to lock the memory if that failed before; false if it may still be swapped out.</summary>
    internal bool TryLock() => _bytes.TryLock();

    /// <summary>The bytes, borrowed by a holder.</summary>
    internal ReadOnlyMemory<byte> Memory => _bytes.Memory;

    /// <summary>Adds a holder, which must dispose it too; false if the secret was already wiped.</summary>
    internal bool TryHold()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            if (holders == 0)
                return false;
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
        return true;
    }

    /// <summary>Releases the secret for one holder. Each holder calls this exactly once.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _bytes.Dispose();
    }

    /// <inheritdoc />
    public override string ToString() => _bytes.ToString();
}
