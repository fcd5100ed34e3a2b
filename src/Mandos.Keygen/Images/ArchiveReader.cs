using System.Text;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Keygen.Images;

/// <summary>Reads the archives of a stream, one after the other, with zeros between them, and collects their files.</summary>
internal sealed class ArchiveReader
{
    private const string Trailer = "TRAILER!!!";

    /// <summary>Small enough to keep the content of a file with several names until all of them are known.</summary>
    private const int SmallFile = 64 << 10;

    private const int MagicBytes = 4;

    private const int LookAhead = 4096;

    private readonly Dictionary<(ulong Device, uint Inode), List<ImageEntry>> _linked = [];

    // Set by each call of ReadAsync.
    private ForwardReader _reader = null!;
    private int _count;
    private long _kept;
    private long _names;

    /// <summary>The files by their paths; of several with one path, the last one counts, as in the kernel.</summary>
    internal Dictionary<string, ImageEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the last archive is complete.</summary>
    internal bool IsComplete { get; private set; } = true;

    /// <summary>Reads archives until something else begins; returns the bytes there, none at the end.</summary>
    /// <exception cref="ImageException">An archive is damaged or too large.</exception>
    internal async Task<ReadOnlyMemory<byte>> ReadAsync(ForwardReader source, CancellationToken cancellationToken)
    {
        _reader = source;
        while (true)
        {
            var next = await _reader.PeekAsync(LookAhead, cancellationToken).ConfigureAwait(false);
            if (next.Length > 0 && next.Span[0] == 0)
            {
                var zeros = next.Span.IndexOfAnyExcept((byte)0);
                _reader.Skip(zeros < 0 ? next.Length : zeros);
                Check(_reader.Position < ImageLimits.Bytes, "is too large");
            }
            else if (CpioHeader.IsOne(next.Span))
                await ReadArchiveAsync(cancellationToken).ConfigureAwait(false);
            else
                return next;
        }
    }

    private async Task ReadArchiveAsync(CancellationToken cancellationToken)
    {
        IsComplete = false;
        while (!IsComplete)
        {
            Check(_reader.Position < ImageLimits.Bytes && _count++ < ImageLimits.Entries, "is too large");
            var bytes = await _reader.PeekAsync(CpioHeader.Length, cancellationToken).ConfigureAwait(false);
            Check(bytes.Length == CpioHeader.Length, "is truncated");
            var header = CpioHeader.Parse(bytes.Span);
            Check(header is not null, "is damaged");
            _reader.Skip(CpioHeader.Length);
            var name = await TextAsync(header!.Value.NameSize, cancellationToken).ConfigureAwait(false);
            await SkipAsync(Padding(CpioHeader.Length + header.Value.NameSize), cancellationToken).ConfigureAwait(false);
            if (name == Trailer)
            {
                IsComplete = true;
                _linked.Clear();
            }
            else
                await AddAsync(header.Value, Plain(name), cancellationToken).ConfigureAwait(false);

            await SkipAsync(Padding(header.Value.Size), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AddAsync(CpioHeader header, string path, CancellationToken cancellationToken)
    {
        var entry = new ImageEntry(path, header.Mode, header.Owner, header.Group, header.Size);
        if (entry.IsLink)
        {
            Check(header.Size <= ImageLimits.Name, "is damaged");
            entry = entry with { Target = await TextAsync((int)header.Size, cancellationToken).ConfigureAwait(false) };
        }

        var links = entry.IsFile && header.Links > 1 ? LinksOf(header) : [];
        // Each name costs a look at the others.
        Check(links.Count < ImageLimits.HardLinks, "has a file with too many names");
        links.Add(entry);
        if (!entry.IsLink && header.Size > 0)
            await ReadContentAsync(header.Size, links, cancellationToken).ConfigureAwait(false);
        // The content comes with one of the names, usually the last one.
        if (links.Find(one => one.Size > 0) is { } full)
        {
            for (var i = 0; i < links.Count; i++)
            {
                links[i] = links[i] with { Size = full.Size, Content = full.Content, Digest = full.Digest, Magic = full.Magic };
                Entries[links[i].Path] = links[i];
            }
        }
        else
            Entries[path] = entry;
    }

    private List<ImageEntry> LinksOf(CpioHeader header)
    {
        if (_linked.TryGetValue((header.Device, header.Inode), out var links))
            return links;
        return _linked[(header.Device, header.Inode)] = [];
    }

    private async Task ReadContentAsync(long size, List<ImageEntry> links, CancellationToken cancellationToken)
    {
        var interest = links.Max(entry => Interests.Of(entry.Path));
        if (interest == Interest.Attributes && links.Count > 1 && size <= SmallFile)
            interest = Interest.Digest;
        var content = interest == Interest.Content ? new byte[Kept(size)] : null;
        var digest = interest == Interest.Digest ? new Sha256Digest() : null;
        var magic = new List<byte>(MagicBytes);
        var complete = await _reader.TakeAsync(
            size,
            (piece, offset) =>
            {
                if (content is not null)
                    piece.CopyTo(content.AsSpan((int)offset));
                if (digest is null)
                    return;
                digest.BlockUpdate(piece);
                if (offset == 0)
                    magic.AddRange(piece[..Math.Min(MagicBytes, piece.Length)]);
            },
            cancellationToken).ConfigureAwait(false);
        Check(complete, "is truncated");
        var entry = links[^1];
        (entry.Content, entry.Magic, entry.Digest) = (content, [.. magic], digest is null ? null : Finish(digest));
    }

    private int Kept(long size)
    {
        _kept += size;
        Check(size <= ImageLimits.KeptFile && _kept <= ImageLimits.KeptBytes, "has a configuration file that is too large");
        return (int)size;
    }

    private static byte[] Finish(Sha256Digest digest)
    {
        var result = new byte[digest.GetDigestSize()];
        digest.DoFinal(result);
        return result;
    }

    private async Task<string> TextAsync(int size, CancellationToken cancellationToken)
    {
        _names += size;
        Check(_names <= ImageLimits.NameBytes, "is too large");
        var bytes = await _reader.PeekAsync(size, cancellationToken).ConfigureAwait(false);
        Check(bytes.Length == size, "is truncated");
        var text = Encoding.UTF8.GetString(bytes.Span).TrimEnd('\0');
        _reader.Skip(size);
        return text;
    }

    private async Task SkipAsync(int count, CancellationToken cancellationToken) =>
        Check(await _reader.TakeAsync(count, null, cancellationToken).ConfigureAwait(false), "is truncated");

    private static int Padding(long size) => (int)(-size & 3);

    private static string Plain(string name) => name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name.TrimStart('/');

    private void Check(bool isGood, string problem)
    {
        if (!isGood)
            throw new ImageException($"the image {problem}, at byte {_reader.Position} of its archive");
    }
}
