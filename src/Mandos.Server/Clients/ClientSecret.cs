using Mandos.Core.Secrets;

namespace Mandos.Server.Clients;

/// <summary>
/// What is delivered to a client: opaque bytes, by convention an OpenPGP message. Shared by the states of a client and by the
/// connections that deliver it; wiped when the last of them lets go.
/// </summary>
internal sealed class ClientSecret : IDisposable
{
    private readonly SecretBuffer _bytes;
    private int _holders = 1;

    /// <summary>Takes over the bytes; the maker is the first holder.</summary>
    internal ClientSecret(SecretBuffer bytes) => _bytes = bytes;

    /// <summary>In bytes.</summary>
    internal int Length => _bytes.Length;

    /// <summary>False if it may be swapped out.</summary>
    internal bool IsLocked => _bytes.IsLocked;

    /// <summary>Tries to lock it if that failed when it was made; false if it may still be swapped out.</summary>
    internal bool TryLock() => _bytes.TryLock();

    /// <summary>Lent to a holder.</summary>
    internal ReadOnlyMemory<byte> Memory => _bytes.Memory;

    /// <summary>One more holder, who disposes it too; false if it is gone already.</summary>
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

    /// <summary>One holder lets go; once for each.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _bytes.Dispose();
    }

    /// <inheritdoc />
    public override string ToString() => _bytes.ToString();
}
