using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>Writes one netlink request: header, fixed part, attributes. The counterpart of <see cref="NetlinkReader"/>.</summary>
internal ref struct NetlinkRequest
{
    internal const int MaximumLength = 128;

    private readonly Span<byte> _buffer;
    private int _length;

    /// <param name="buffer">At least <see cref="MaximumLength"/> bytes.</param>
    /// <param name="type">RTM_…</param>
    /// <param name="flags">NLM_F_…</param>
    /// <param name="sequence">The sequence number, which the answer repeats.</param>
    /// <param name="body">The fixed part that follows the header.</param>
    internal NetlinkRequest(Span<byte> buffer, ushort type, ushort flags, uint sequence, ReadOnlySpan<byte> body)
    {
        _buffer = buffer;
        buffer.Clear();
        MemoryMarshal.Write(buffer[4..], type);
        MemoryMarshal.Write(buffer[6..], flags);
        MemoryMarshal.Write(buffer[8..], sequence);
        body.CopyTo(buffer[NetlinkReader.HeaderLength..]);
        _length = NetlinkReader.HeaderLength + body.Length;
    }

    internal void Add(ushort type, ReadOnlySpan<byte> value)
    {
        var attribute = _buffer[_length..];
        MemoryMarshal.Write(attribute, (ushort)(NetlinkAttributes.HeaderLength + value.Length));
        MemoryMarshal.Write(attribute[2..], type);
        value.CopyTo(attribute[NetlinkAttributes.HeaderLength..]);
        _length += NetlinkAttributes.HeaderLength + NetlinkReader.Align(value.Length);
    }

    internal readonly ReadOnlySpan<byte> Finish()
    {
        MemoryMarshal.Write(_buffer, (uint)_length);
        return _buffer[.._length];
    }
}
