using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Runner;

/// <summary>
/// Relays a plugin's standard error line by line, prefixed with the plugin's name, so that lines of two plugins do not mix. A line that
/// already begins with the name is not changed. What looks like a prompt (text without a line end, then silence) is shown soon, too.
/// </summary>
/// <param name="name">The plugin's name.</param>
/// <param name="target">The descriptor to write to.</param>
internal sealed class LineRelay(string name, int target)
{
    private const int SilenceMilliseconds = 100;
    private const int LargestPiece = 4096;

    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(name + ": ");

    // The prefix, followed by text that was read but not relayed yet.
    private byte[] _line = [];
    private int _length;
    private bool _insideLine;

    /// <summary>Relays until the other end is closed, on a thread of its own; closes the descriptor.</summary>
    internal Task RunAsync(Descriptor source) => BlockingTask.Run(() => Run(source));

    /// <summary>Takes bytes and relays complete lines.</summary>
    internal void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..(end + 1)];
            part = part[..Math.Min(part.Length, LargestPiece - _length)];
            Append(part);
            bytes = bytes[part.Length..];
            if (part[^1] == (byte)'\n' || _length == LargestPiece)
                Flush();
        }
    }

    /// <summary>Relays an incomplete line.</summary>
    internal void Flush()
    {
        if (_length == 0)
            return;
        var piece = _line.AsSpan(_prefix.Length, _length);
        var named = _insideLine || piece.StartsWith(_prefix);
        _insideLine = piece[^1] != (byte)'\n';
        _ = DescriptorIo.WriteAll(target, named ? piece : _line.AsSpan(0, _prefix.Length + _length), out _);
        _length = 0;
    }

    private void Append(ReadOnlySpan<byte> part)
    {
        if (_line.Length == 0)
        {
            _line = new byte[_prefix.Length + LargestPiece];
            _prefix.CopyTo(_line, 0);
        }

        part.CopyTo(_line.AsSpan(_prefix.Length + _length));
        _length += part.Length;
    }

    private void Run(Descriptor source)
    {
        using (source)
        {
            Span<byte> bytes = stackalloc byte[1024];
            while (DescriptorIo.Read(source.Number, bytes, out var count).Ok && count > 0)
            {
                Take(bytes[..count]);
                if (_length > 0 && !DescriptorIo.WaitUntilReadable(source.Number, SilenceMilliseconds))
                    Flush();
            }

            // The next line may belong to another plugin.
            if (_length > 0 || _insideLine)
            {
                Take("\n"u8);
                Flush();
            }
        }
    }
}
