using System.Buffers.Binary;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Server.Store;

/// <summary>
/// A keyed digest over all values of a row. SQLite detects misplaced pages, but not a flipped bit within a value, and a single bit can turn
/// a disabled client into an enabled one.
/// </summary>
internal sealed class RowSeal
{
    private readonly HMac _mac = new(new Sha256Digest());

    /// <param name="key">A key used for nothing else.</param>
    internal RowSeal(KeyParameter key) => _mac.Init(key);

    /// <summary>
    /// Returns the digest of a row. It covers the type, length and bytes of each value, so that no two rows have the same encoding. Nulls
    /// at the end do not count: a row from before a column was added at the end keeps its seal.
    /// </summary>
    /// <param name="table">The table of the row.</param>
    /// <param name="values">The values: null, long, string or byte[].</param>
    internal byte[] Of(string table, IEnumerable<object?> values)
    {
        Add(table);
        var nulls = 0;
        foreach (var value in values)
        {
            if (value is null)
            {
                nulls++;
                continue;
            }

            for (; nulls > 0; nulls--)
                Add((object?)null);
            Add(value);
        }

        var seal = new byte[_mac.GetMacSize()];
        _ = _mac.DoFinal(seal);
        return seal;
    }

    private void Add(object? value)
    {
        switch (value)
        {
            case null:
                _mac.Update((byte)'0');
                break;
            case long number:
                Span<byte> bytes = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
                Add('n', bytes);
                break;
            case string text:
                Add('t', Encoding.UTF8.GetBytes(text));
                break;
            case byte[] blob:
                Add('b', blob);
                break;
            default:
                throw new ArgumentException($"no value of a row: {value.GetType()}", nameof(value));
        }
    }

    private void Add(char kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        _mac.BlockUpdate(head);
        _mac.BlockUpdate(bytes);
    }
}
