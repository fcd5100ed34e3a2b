using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Supervision;

/// <summary>
/// Relays the messages of the network process. The process gets no terminal: it could read what is typed there, and its messages could
/// contain an attacker's control sequences. One piece at a time: the next is read when the last has been written.
/// </summary>
internal sealed class MessageRelay(int target)
{
    // A pipe that is writable accepts this many bytes without blocking; a terminal must be non-blocking.
    private readonly byte[] _piece = new byte[4096];
    private int _begin;
    private int _end;

    /// <summary>Whether something was read but not written yet.</summary>
    internal bool IsPending => _begin < _end;

    /// <summary>Reads one piece. False at the end; true also if there is nothing yet.</summary>
    internal bool Take(int descriptor, out bool any)
    {
        var error = DescriptorIo.TryRead(descriptor, _piece, out _end);
        _begin = 0;
        any = _end > 0;
        Disarm(_piece.AsSpan(0, _end));
        return error.Code == Errno.TryAgain || (error.Ok && any);
    }

    /// <summary>
    /// Writes what is pending, and drops what cannot be written: also if a terminal reports room that is too small, which would be reported
    /// again at once.
    /// </summary>
    internal void Pass()
    {
        var error = DescriptorIo.Write(target, _piece.AsSpan(_begin.._end), out var count);
        _begin = error.Ok ? _begin + count : _end;
    }

    /// <summary>Replaces everything except printable ASCII, line ends and tabs; any other byte may be part of a control sequence.</summary>
    internal static void Disarm(Span<byte> text)
    {
        foreach (ref var one in text)
        {
            if (one is not ((>= 0x20 and < 0x7F) or (byte)'\n' or (byte)'\t'))
                one = (byte)'?';
        }
    }
}
