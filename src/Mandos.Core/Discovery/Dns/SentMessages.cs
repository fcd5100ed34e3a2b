namespace Mandos.Core.Discovery.Dns;

/// <summary>Recognizes the most recently sent multicast messages, so that their echoes are not attributed to another host.</summary>
internal sealed class SentMessages
{
    private readonly ulong[] _hashes = new ulong[32];
    private int _next;

    internal void Add(ReadOnlySpan<byte> message)
    {
        _hashes[_next] = Hash(message);
        _next = (_next + 1) % _hashes.Length;
    }

    internal bool Contains(ReadOnlySpan<byte> message) => _hashes.AsSpan().Contains(Hash(message));

    /// <summary>The 64-bit FNV-1a hash.</summary>
    private static ulong Hash(ReadOnlySpan<byte> message)
    {
        var hash = 14695981039346656037ul;
        foreach (var b in message)
            hash = (hash ^ b) * 1099511628211ul;
        return hash;
    }
}
