using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Supervision;

/// <summary>
/// Passes on what the network process says. It gets no terminal of its own: from one it could read what is typed, and what
/// it says could hold the control sequences of an attacker. One piece at a time: the next is read when the last is out.
/// </summary>
internal sealed class MessageRelay(int target)
{
    // So much goes into a pipe that can be written without waiting.
    private readonly byte[] _piece = new byte[4096];
    private int _begin;
    private int _end;

    /// <summary>Something was read and is not out yet.</summary>
    internal bool IsPending => _begin < _end;

    /// <summary>Reads one piece. False at the end, true also if there is nothing yet.</summary>
    internal bool Take(int descriptor, out bool any)
    {
        var error = DescriptorIo.Read(descriptor, _piece, out _end);
        _begin = 0;
        any = _end > 0;
        Disarm(_piece.AsSpan(0, _end));
        return error.Code == Errno.TryAgain || (error.Ok && any);
    }

    /// <summary>Writes what is pending. What the other side does not want is lost.</summary>
    internal void Pass()
    {
        var error = DescriptorIo.Write(target, _piece.AsSpan(_begin.._end), out var count);
        _begin = error.Ok || error.Code == Errno.TryAgain ? _begin + count : _end;
    }

    /// <summary>Leaves printable ASCII, line ends and tabs; control sequences can hide in every other byte, cut anywhere.</summary>
    internal static void Disarm(Span<byte> text)
    {
        foreach (ref var one in text)
        {
            if (one is not ((>= 0x20 and < 0x7F) or (byte)'\n' or (byte)'\t'))
                one = (byte)'?';
        }
    }
}
